//! Structs for the kinds: `stdlib/kinds/*.kdl` becomes `platc-model/src/generated.rs`. There is no second
//! list of fields: the checker reads the same files with the same reader.
//!
//! Not here: what the structs are made of (`platc_model::read`).
//!
//! Start with [`generate`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use platc_diag::FileId;
use platc_syntax::shape::{FieldShape, Shape};
use platc_syntax::types::{TypeExpr, TypeKind, parse_type};
use platc_syntax::{Tree, Value};

/// Where the generated code lies, from the root of the repository.
pub(crate) const TARGET: &str = "compiler/platc-model/src/generated.rs";
/// Where the kinds are declared.
const KINDS: &str = "stdlib/kinds";

/// Names that the structs must not take, because the crate has them already.
const TAKEN: &[&str] =
    &["Kind", "Id", "Items", "Text", "Value", "Record", "Ref", "SecretKey", "Declared", "AtPlaces"];

/// The text of the generated file.
pub(crate) fn generate(root: &Path) -> Result<String, String> {
    let mut paths: Vec<_> = std::fs::read_dir(root.join(KINDS))
        .map_err(|error| format!("{KINDS}: {error}"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "kdl"))
        .collect();
    paths.sort();
    let mut trees = Vec::new();
    for (id, path) in (0_u32..).zip(&paths) {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let parsed = platc_syntax::parse(FileId(id), Arc::from(text));
        if let Some(problem) = parsed.problems.first() {
            return Err(format!("{}: {}", path.display(), problem.message()));
        }
        trees.push(parsed.tree);
    }
    let shapes: Vec<(String, Shape<'_>)> = trees
        .iter()
        .flat_map(Tree::nodes)
        .map(|node| (node.name().into_owned(), Shape::read(node)))
        .collect();
    Generator::new(&shapes).run()
}

/// How a field is read, and its Rust type.
struct Member {
    name: String,
    doc: String,
    ty: String,
    read: String,
}

/// A choice of words, of which some may be references: an enum.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    words: Vec<String>,
    references: Vec<String>,
}

struct Generator<'s, 't> {
    shapes: &'s [(String, Shape<'t>)],
    records: BTreeSet<String>,
    names: BTreeSet<String>,
    choices: BTreeMap<Choice, String>,
    enums: String,
}

impl<'s, 't> Generator<'s, 't> {
    fn new(shapes: &'s [(String, Shape<'t>)]) -> Self {
        let named = |form: &str| -> Vec<String> {
            shapes.iter().filter(|(own, _)| own == form).map(|(_, shape)| camel(&shape.name)).collect()
        };
        // Records have capitals, scalars have none: `Port` is a record with a `port` in it.
        let records: BTreeSet<String> = named("record").into_iter().collect();
        let mut names: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        names.extend(records.iter().cloned());
        names.extend(named("kind"));
        names.extend(named("mixin"));
        Self { shapes, records, names, choices: BTreeMap::new(), enums: String::new() }
    }

    fn run(mut self) -> Result<String, String> {
        let mut structs = String::new();
        for (form, shape) in self.shapes {
            structs.push_str(&self.structure(form, shape)?);
        }
        let declarations = self.declarations();
        let head = "//! Structs for the kinds and record types of `stdlib/kinds`, made by `cargo xtask codegen`.\n\
            //! Do not edit: edit the kinds and run it again.\n\
            //!\n\
            //! Start with [`Declarations`].\n\n\
            use std::net::IpAddr;\n\
            use std::sync::Arc;\n\n\
            use platc_diag::Sourced;\n\n\
            use crate::declared::{AtPlaces, Declared, Records};\n\
            use crate::ids::{Id, Items, Kind};\n\
            use crate::read::{Fields, FromRecord, FromValue};\n\
            use crate::scalar::{self, Bytes, Cidr, Cpu, Date, Duration, HostPort, Image, Mac, Percent, Version};\n\
            use crate::value::{Text, Value};\n";
        Ok(format!("{head}{declarations}{structs}{}", self.enums))
    }

    fn structure(&mut self, form: &str, shape: &Shape<'t>) -> Result<String, String> {
        let name = camel(&shape.name);
        let mut members = Vec::new();
        for mixin in &shape.includes {
            let mixin = mixin.text().unwrap_or_default();
            let ty = camel(&mixin);
            members.push(Member {
                name: snake(&mixin),
                doc: format!("Fields of [`{ty}`]."),
                read: format!("{ty}::read(fields)"),
                ty,
            });
        }
        let mut reads_facts = Vec::new();
        for field in &shape.fields {
            let role = field.role.as_ref().map(|(role, _)| role.as_ref());
            if role == Some("fact") {
                reads_facts.push(field.name.as_ref());
                continue;
            }
            if !reads_facts.is_empty() {
                return Err(format!("{}: facts come after all other fields", shape.name));
            }
            members.push(self.member(&name, field, role)?);
        }
        let mut out = String::new();
        let doc = shape.doc.as_deref().unwrap_or("");
        let _ =
            write!(out, "\n{}#[derive(Clone, PartialEq, Debug)]\npub struct {name} {{\n", comment(doc, ""));
        for member in &members {
            let _ = writeln!(out, "{}    pub {}: {},", comment(&member.doc, "    "), member.name, member.ty);
        }
        let argument = if members.is_empty() { "_" } else { "fields" };
        let _ = write!(
            out,
            "}}\n\nimpl FromRecord for {name} {{\n    fn read({argument}: &mut Fields<'_>) -> Self {{\n        Self {{\n"
        );
        for member in &members {
            let _ = writeln!(out, "            {}: {},", member.name, member.read);
        }
        out.push_str("        }\n    }\n}\n");
        if form == "kind" {
            let _ = write!(
                out,
                "\nimpl Kind for {name} {{\n    const NAME: &'static str = \"{}\";\n}}\n",
                shape.name
            );
        }
        Ok(out)
    }

    fn member(&mut self, owner: &str, field: &FieldShape<'t>, role: Option<&str>) -> Result<Member, String> {
        let written = field.ty.ok_or_else(|| format!("{owner}.{}: give its record a name", field.name))?;
        let parsed = parse_type(&written.text().unwrap_or_default(), &written.source_map());
        let (ty, optional) = stripped(&parsed.ty);
        let has_default = field.attribute("default").is_some();
        let context = format!("{owner}.{}", field.name);
        let (ty, read) = match (&ty.kind, role) {
            (TypeKind::Name(name), Some("each")) => {
                (format!("Vec<Sourced<{}>>", camel(name)), "fields.records()".to_owned())
            }
            (TypeKind::Name(name), _) if self.records.contains(name) => {
                if optional {
                    (format!("Option<Sourced<{name}>>"), "fields.maybe_record()".to_owned())
                } else {
                    (format!("Sourced<{name}>"), "fields.record()".to_owned())
                }
            }
            (TypeKind::List(inner), _) => {
                let inner = self.rust_type(owner, &singular(&field.name), inner).ok_or(&context)?;
                if optional && !has_default {
                    (format!("Option<Vec<Sourced<{inner}>>>"), "fields.maybe_list()".to_owned())
                } else {
                    (format!("Vec<Sourced<{inner}>>"), "fields.list()".to_owned())
                }
            }
            (TypeKind::Map(inner), _) => {
                let inner = self.rust_type(owner, &singular(&field.name), inner).ok_or(&context)?;
                (format!("Vec<(Text, Sourced<{inner}>)>"), "fields.map()".to_owned())
            }
            _ => {
                let plain = self.rust_type(owner, &field.name, ty).ok_or(&context)?;
                if optional && !has_default {
                    (format!("Option<Sourced<{plain}>>"), "fields.optional()".to_owned())
                } else {
                    (format!("Sourced<{plain}>"), "fields.required()".to_owned())
                }
            }
        };
        Ok(Member { name: snake(&field.name), doc: field.doc.clone().unwrap_or_default(), ty, read })
    }

    fn rust_type(&mut self, owner: &str, field: &str, ty: &TypeExpr) -> Option<String> {
        Some(match &ty.kind {
            TypeKind::Name(name) => scalar_type(name)?.to_owned(),
            TypeKind::Ref(kinds) => match kinds.as_slice() {
                [one] if one.text == "type" => "Text".to_owned(),
                [one] => format!("Id<{}>", camel(&one.text)),
                _ => return None,
            },
            TypeKind::Union(parts) => self.choice(owner, field, parts)?,
            _ => return None,
        })
    }

    /// An enum for a choice of words; `string|secret` and the like stay values.
    fn choice(&mut self, owner: &str, field: &str, parts: &[TypeExpr]) -> Option<String> {
        let mut choice = Choice { words: Vec::new(), references: Vec::new() };
        for part in parts {
            let part = stripped(part).0;
            match &part.kind {
                TypeKind::Name(name) if scalar_type(name).is_some() => return Some("Value".to_owned()),
                TypeKind::Name(name) => choice.words.push(name.clone()),
                TypeKind::Ref(kinds) => choice.references.extend(kinds.iter().map(|kind| kind.text.clone())),
                _ => return None,
            }
        }
        if let Some(known) = self.choices.get(&choice) {
            return Some(known.clone());
        }
        let short = camel(field);
        let name = if self.names.contains(&short) { format!("{owner}{short}") } else { short };
        self.names.insert(name.clone());
        self.enums.push_str(&enumeration(&name, &choice));
        self.choices.insert(choice, name.clone());
        Some(name)
    }

    fn declarations(&self) -> String {
        let mut fields = String::new();
        let mut reads = String::new();
        for (_, shape) in self.shapes.iter().filter(|(form, _)| form == "kind") {
            let (name, plural) = (camel(&shape.name), plural(&snake(&shape.name)));
            let doc = first_sentence(shape.doc.as_deref().unwrap_or(""));
            let (ty, read) = match shape.attribute("places").and_then(Value::text) {
                Some(place) => (format!("AtPlaces<{name}, {}>", camel(&place)), "at_places"),
                None => (format!("Declared<{name}>"), "declared"),
            };
            let _ = writeln!(fields, "{}    pub {plural}: Items<{name}, {ty}>,", comment(&doc, "    "));
            let _ = writeln!(reads, "            {plural}: from.{read}(),");
        }
        format!(
            "\n/// All declarations of a platform, by kind.\n#[derive(Clone, Default, Debug)]\npub struct Declarations {{\n{fields}}}\n\n\
             impl Declarations {{\n    /// Reads all of them.\n    pub fn read(from: &impl Records) -> Self {{\n        Self {{\n{reads}        }}\n    }}\n}}\n"
        )
    }
}

fn stripped(ty: &TypeExpr) -> (&TypeExpr, bool) {
    match &ty.kind {
        TypeKind::Optional(inner) => (inner, true),
        // `systemd|openrc?` makes the whole optional.
        TypeKind::Union(parts) => (ty, parts.iter().any(|part| matches!(part.kind, TypeKind::Optional(_)))),
        _ => (ty, false),
    }
}

fn scalar_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "bool",
        "int" => "i64",
        "float" => "f64",
        "string" | "dns-label" | "dns-name" | "path" | "url" | "regex" => "Text",
        "cpu" => "Cpu",
        "bytes" => "Bytes",
        "duration" => "Duration",
        "percent" => "Percent",
        "port" => "u16",
        "ip" => "IpAddr",
        "cidr" => "Cidr",
        "mac" => "Mac",
        "host-port" => "HostPort",
        "image" => "Arc<Image>",
        "version" => "Version",
        "cron" => "Arc<scalar::Cron>",
        "date" => "Date",
        "secret" => "Arc<crate::SecretKey>",
        "any" => "Value",
        _ => return None,
    })
}

fn enumeration(name: &str, choice: &Choice) -> String {
    let mut out = String::new();
    let kinds = choice.references.iter().map(|kind| (camel(kind), kind));
    let words = choice.words.iter().map(|word| (camel(word), word));
    let all = choice
        .words
        .iter()
        .map(|word| format!("`{word}`"))
        .chain(choice.references.iter().map(|kind| format!("a {kind}")));
    let copy = "Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug";
    let _ =
        write!(out, "\n/// {}.\n#[derive({copy})]\npub enum {name} {{\n", all.collect::<Vec<_>>().join(", "));
    for (variant, word) in words.clone() {
        let _ = write!(out, "    /// `{word}`.\n    {variant},\n");
    }
    for (variant, kind) in kinds.clone() {
        let _ = write!(out, "    /// A {kind}.\n    {variant}(Id<{variant}>),\n");
    }
    let _ = write!(
        out,
        "}}\n\nimpl FromValue for {name} {{\n    fn from_value(value: &Value) -> Option<Self> {{\n        match value {{\n"
    );
    let _ = writeln!(out, "            Value::Text(word) => match &**word {{");
    for (variant, word) in words.clone() {
        let _ = writeln!(out, "                \"{word}\" => Some(Self::{variant}),");
    }
    out.push_str("                _ => None,\n            },\n");
    for (variant, _) in kinds {
        let _ = writeln!(out, "            Value::Ref(_) => Id::from_value(value).map(Self::{variant}),");
    }
    let first = words.clone().next().map(|(variant, _)| variant).unwrap_or_default();
    let _ = write!(
        out,
        "            _ => None,\n        }}\n    }}\n\n    fn stand_in() -> Self {{\n        Self::{first}\n    }}\n}}\n"
    );
    if choice.references.is_empty() {
        let _ = write!(
            out,
            "\nimpl {name} {{\n    /// As it is written.\n    pub const fn word(self) -> &'static str {{\n        match self {{\n"
        );
        for (variant, word) in words {
            let _ = writeln!(out, "            Self::{variant} => \"{word}\",");
        }
        out.push_str("        }\n    }\n}\n");
    }
    out
}

fn comment(doc: &str, indent: &str) -> String {
    doc.lines().fold(String::new(), |out, line| {
        format!("{out}{indent}///{}{line}\n", if line.is_empty() { "" } else { " " })
    })
}

fn first_sentence(doc: &str) -> String {
    let joined = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.find(". ").and_then(|end| joined.get(..=end)).unwrap_or(&joined).to_owned()
}

fn camel(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('-').map(capital).collect()
}

/// `MemoryAmount` becomes `memory_amount`, `per-host` `per_host`; words of Rust get a line behind them.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.chars().enumerate() {
        match letter {
            '-' => out.push('_'),
            letter if letter.is_uppercase() => {
                if at > 0 {
                    out.push('_');
                }
                out.extend(letter.to_lowercase());
            }
            letter => out.push(letter),
        }
    }
    match out.as_str() {
        "in" | "as" | "type" | "use" => format!("{out}_"),
        _ => out,
    }
}

fn singular(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}

fn plural(name: &str) -> String {
    let name = name.trim_end_matches('_');
    match name.strip_suffix('y') {
        Some(stem) if !name.ends_with("ay") => format!("{stem}ies"),
        _ if name.ends_with('x') || name.ends_with("xy") => format!("{name}es"),
        _ => format!("{name}s"),
    }
}
