//! The tables as a whole: every line is read, every mark is bound, every kind can be walked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use platc_kube::{Holds, Items, Kind, Mark, Minor, Minors, Scalar, Scope, Tables, TypeId, gates};

use crate::support::{home, read};

fn range(minors: Minors) -> String {
    let text = |minor: Option<Minor>| minor.map(|minor| minor.number().to_string()).unwrap_or_default();
    match minors {
        Minors::ALWAYS => String::new(),
        Minors { since, until } => format!(" {}-{}", text(since), text(until)),
    }
}

fn holds_text(tables: &Tables, holds: &Holds) -> String {
    match holds {
        Holds::Object => "object".into(),
        Holds::Any => "any".into(),
        Holds::Type(id) => tables.type_of(*id).name.into(),
        Holds::Map(inner) => format!("{{{}}}", holds_text(tables, inner)),
        Holds::List(inner, Items::Plain) => format!("[{}]", holds_text(tables, inner)),
        Holds::List(inner, Items::Set) => format!("[{};set]", holds_text(tables, inner)),
        Holds::List(inner, Items::Keyed(keys)) => {
            format!("[{};{}]", holds_text(tables, inner), keys.join(","))
        }
        Holds::Scalar(scalar) => match scalar {
            Scalar::Text => "string",
            Scalar::Bool => "bool",
            Scalar::Int32 => "int32",
            Scalar::Int64 => "int64",
            Scalar::Double => "double",
            Scalar::Bytes => "bytes",
            Scalar::Time => "time",
            Scalar::Quantity => "quantity",
            Scalar::IntOrText => "int-or-string",
        }
        .into(),
    }
}

/// Everything that was read, written again as the generator writes it. What `require` in the marks adds
/// is taken away, and a type's own minors are not kept apart from those of its fields.
#[test]
fn every_kind_and_every_field_round_trips() {
    let tables = Tables::get();
    let text = read(&home().join("tables/kubernetes.txt"));
    let marks = read(&home().join("tables/marks.txt"));
    let mut written = String::new();
    for Kind { api_version, kind, plural, scope, minors, .. } in tables.kinds() {
        let row = tables.kind(api_version, kind).unwrap();
        let scope = if *scope == Scope::Namespaced { "namespaced" } else { "cluster" };
        let type_name = tables.type_of(row.type_id()).name;
        let range = range(*minors);
        let _ = writeln!(written, "kind {api_version} {kind} {plural} {scope} {type_name}{range}");
    }
    for name in tables.type_names() {
        let owner = tables.type_of(tables.type_named(name).unwrap());
        let _ = writeln!(written, "={name}");
        let block = marks.split_once(&format!("\n={name}\n")).map_or("", |(_, rest)| rest);
        let block = block.split("\n=").next().unwrap_or("");
        for field in &owner.fields {
            let is_added = block.lines().any(|line| line == format!("{} require", field.name));
            // Where a mark adds it, the text may say it or not.
            let mark = if field.required && !is_added { "!" } else { "" };
            let (holds, range) = (holds_text(tables, &field.holds), range(field.minors));
            let _ = writeln!(written, "{}{mark} {holds}{range}", field.name);
        }
    }
    let expected: String = text
        .lines()
        .skip(5)
        .map(|line| match line.strip_prefix('=') {
            Some(rest) => format!("={}\n", rest.split(' ').next().unwrap()),
            None => format!("{line}\n"),
        })
        .collect();
    let is_same = |(a, b): (&str, &str)| a == b || a.replacen('!', "", 1) == b;
    for (number, pair) in expected.lines().zip(written.lines()).enumerate() {
        assert!(is_same(pair), "line {}: {:?} came back as {:?}", number + 6, pair.0, pair.1);
    }
    assert_eq!(expected.lines().count(), written.lines().count());
}

#[test]
fn types_fit_the_walk() {
    let tables = Tables::get();
    for name in tables.type_names() {
        let owner = tables.type_of(tables.type_named(name).unwrap());
        // The walk remembers the fields that it saw in 128 bits, and keys of items in four.
        assert!(owner.fields.len() <= 128, "{name}");
        assert!(owner.fields.is_sorted_by_key(|field| field.name), "{name}");
        for field in &owner.fields {
            if let Holds::List(_, Items::Keyed(keys)) = &field.holds {
                assert!(keys.len() <= 4, "{name}.{}", field.name);
            }
        }
    }
}

/// Fields of a type that the text of the marks names, and what it says of them.
fn mark_lines() -> Vec<(String, String, String)> {
    let mut type_name = String::new();
    let mut lines = Vec::new();
    for line in read(&home().join("tables/marks.txt")).lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix('='), line.split_once(' ')) {
            (Some(name), _) => type_name = name.to_owned(),
            (None, Some((field, mark))) => lines.push((type_name.clone(), field.into(), mark.into())),
            _ => assert!(line.is_empty(), "{line}"),
        }
    }
    lines
}

#[test]
fn every_mark_is_bound_to_a_field() {
    let tables = Tables::get();
    let lines = mark_lines();
    assert!(lines.len() > 250);
    for (type_name, field, mark) in &lines {
        let id: TypeId = tables.type_named(type_name).unwrap_or_else(|| panic!("no type {type_name}"));
        let forms: Vec<_> = tables.type_of(id).fields.iter().filter(|found| found.name == field).collect();
        assert!(!forms.is_empty(), "{type_name} has no {field}");
        let is_bound = forms.iter().all(|form| mark == "require" && form.required || !form.marks.is_empty());
        assert!(is_bound, "{type_name}.{field}: `{mark}` was not read");
    }
}

#[test]
fn gates_of_marks_exist_and_guard_something() {
    let tables = Tables::get();
    let mut names = BTreeSet::new();
    for name in tables.type_names() {
        for field in &tables.type_of(tables.type_named(name).unwrap()).fields {
            for mark in &field.marks {
                match mark {
                    Mark::Gate(gate) => _ = names.insert(*gate),
                    Mark::OneOf(choices) => names.extend(choices.iter().filter_map(|choice| choice.gate)),
                    _ => {}
                }
            }
        }
    }
    assert!(names.len() >= 20);
    for gate in names {
        let is_off = |minor: &&Minor| {
            matches!(gates::state(gate, **minor), gates::State::Known { default: false, .. })
        };
        assert!(tables.minors().iter().any(|minor| is_off(&minor)), "{gate} is never off");
    }
}

#[test]
fn values_of_marks_are_mentioned_by_the_documentation() {
    let mut missing = Vec::new();
    for (type_name, field, mark) in mark_lines() {
        let Some(values) = mark.strip_prefix("enum ") else { continue };
        let text = platc_kube::describe::of_field(&type_name, &field).unwrap_or_default();
        for value in values.split(' ') {
            let value = value.split(['@', '%']).next().unwrap();
            // What the documentation leaves to another page or to the reader.
            let is_known = matches!(value, "~" | "*") || value.starts_with("HugePages");
            if !is_known && !text.to_lowercase().contains(&value.to_lowercase()) {
                missing.push(format!("{type_name}.{field}: {value}"));
            }
        }
    }
    let said = missing.join("\n");
    // The documentation of these fields leaves their values to the constants of `pkg/apis`.
    assert!(missing.len() <= 60, "{} values that no description has:\n{said}", missing.len());
}

#[test]
fn replacements_of_ended_versions_exist() {
    let tables = Tables::get();
    for row in tables.lifecycles() {
        if let Some((api_version, kind)) =
            row.replacement.split_once(' ').filter(|(_, kind)| !kind.contains(' '))
        {
            assert!(tables.kind(api_version, kind).is_some(), "{}", row.replacement);
        }
        assert!(
            row.deprecated.is_some() && row.removed.is_none_or(|removed| row.deprecated <= Some(removed))
        );
    }
}

#[test]
fn a_pointer_is_walked_to_its_field() {
    let tables = Tables::get();
    let deployment = tables.kind("apps/v1", "Deployment").unwrap();
    let at = |pointer| tables.walk(deployment, pointer, Minor::new(35));
    let image = at("/spec/template/spec/containers/0/image");
    assert_eq!(image.field.unwrap().name, "image");
    assert_eq!(image.owner.unwrap().name, "core.v1.Container");
    assert_eq!(image.holds, Holds::Scalar(Scalar::Text));
    let limit = at("/spec/template/spec/containers/-/resources/limits/example.org~1gpu");
    assert_eq!(limit.holds, Holds::Scalar(Scalar::Quantity));
    assert_eq!(limit.field.unwrap().name, "limits");
    assert_eq!(at("").owner.unwrap().name, "apps.v1.Deployment");
    assert!(at("/spec/nonsense").owner.is_none());
    assert!(at("/spec/replicas/x").owner.is_none());
}
