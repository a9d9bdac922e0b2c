//! The examples in the documentation of kinds: each checks and plans without a finding, and together they
//! show each field that an author can write.
//!
//! An example says what it stands in: `base=#true` the base platform of the cases, else a platform of its
//! own that says nothing but its version; `file=` and `text=` are a file beside it; `run=#false` is not
//! executed, because it needs a policy that is no part of the tests, and says so here.
//!
//! Start with `each_example_is_clean`.

use platc_syntax::shape::Shape;
use platc_syntax::{Literal, Node};

use super::platform::findings;

/// Kinds whose examples speak of policies or of findings that other examples would have to make.
const NOT_EXECUTED: &[&str] = &["plugin", "use", "allow", "consent"];

fn shapes() -> impl Iterator<Item = (String, Shape<'static>)> {
    let nodes = platc_sema::stdlib::trees().iter().flat_map(|tree| tree.nodes());
    nodes.map(|node| (node.name().into_owned(), Shape::read(node)))
}

fn flag(node: Node<'_>, name: &str, otherwise: bool) -> bool {
    match node.prop(name).map(|prop| prop.value().decode()) {
        Some(Literal::Bool(value)) => value,
        _ => otherwise,
    }
}

fn text(node: Node<'_>, name: &str) -> Option<String> {
    Some(node.prop(name)?.value().text()?.into_owned())
}

#[test]
fn each_example_is_clean() {
    let mut executed = 0;
    let mut broken = String::new();
    for (form, shape) in shapes().filter(|(form, _)| form == "kind") {
        assert!(!shape.examples.is_empty(), "{form} {} has an example", shape.name);
        for example in &shape.examples {
            if !flag(*example, "run", true) {
                assert!(NOT_EXECUTED.contains(&shape.name.as_ref()), "{} is executed", shape.name);
                continue;
            }
            let body = example.arg(0).and_then(platc_syntax::Value::text).expect("an example is a text");
            let mut files = vec![("example.kdl".to_owned(), body.clone().into_owned())];
            if !flag(*example, "base", false) {
                let declared = body.starts_with("platform ");
                let own = if declared { "" } else { "platform own { kubernetes \"1.35.7\" }\n" };
                files.push(("platform.kdl".to_owned(), own.to_owned()));
            }
            files.extend(
                text(*example, "file").map(|path| (path, text(*example, "text").unwrap_or_default())),
            );
            for finding in findings(&files) {
                broken += &format!("{}: {finding}\n", shape.name);
            }
            executed += 1;
        }
    }
    assert_eq!(broken, "");
    assert!(executed > 15, "{executed} examples were executed");
}

#[test]
fn each_field_is_in_an_example() {
    let kinds = || shapes().filter(|(form, _)| form == "kind");
    let all: String = kinds()
        .flat_map(|(_, shape)| shape.examples)
        .filter_map(|example| Some(example.arg(0)?.text()?.into_owned()))
        .collect();
    let written =
        |name: &str| all.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == name);
    let mut missing = Vec::new();
    for (_, shape) in shapes() {
        for field in &shape.fields {
            // What has a place instead of a name, and what only the plan knows.
            let unnamed = field.role.as_ref().is_some_and(|(role, _)| role != "each");
            if !unnamed && !written(&field.name) {
                missing.push(format!("{}.{}", shape.name, field.name));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}
