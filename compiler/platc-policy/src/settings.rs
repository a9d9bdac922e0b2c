//! Settings against the JSON Schema that their policy declares.
//!
//! Not here: the policy's own opinion of them (its `configure`), and places in the source (the caller
//! turns pointers into spans).
//!
//! Start with [`check`].

use jsonschema::{PatternOptions, ValidationError, Validator, error::ValidationErrorKind};
use platc_diag::{did_you_mean, limits};
use serde_json::Value as Json;

/// What is the matter with a setting.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Mismatch {
    /// RFC 6901 pointer into the settings.
    pub(crate) pointer: String,
    /// What is the matter.
    pub(crate) message: String,
    /// The way out.
    pub(crate) help: Option<String>,
}

/// Whether a text can serve as a schema of settings. The error is a sentence for the policy's author.
pub(crate) fn check_schema(schema: &str) -> Result<(), String> {
    validator(schema).map(drop)
}

/// What does not fit, in the order of pointers. The schema has been checked when the policy was loaded.
pub(crate) fn check(schema: &str, settings: &Json) -> Vec<Mismatch> {
    let Ok((schema, validator)) = validator(schema) else {
        unreachable!("a policy whose schema is none is not loaded")
    };
    let mut found: Vec<Mismatch> =
        validator.iter_errors(settings).flat_map(|error| mismatches(&schema, &error)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn validator(schema: &str) -> Result<(Json, Validator), String> {
    if schema.len() > limits::POLICY_SCHEMA_BYTES {
        let (n, most) = (schema.len(), limits::POLICY_SCHEMA_BYTES);
        return Err(format!("the schema of its settings has {n} bytes, and {most} is the most"));
    }
    let json: Json = serde_json::from_str(schema)
        .map_err(|error| format!("the schema of its settings is no JSON: {error}"))?;
    size(&json, &json, &mut Vec::new()).map_err(|reason| format!("the schema of its settings {reason}"))?;
    // Patterns in linear time: a schema is a guest's, and a backtracking one could run for ever.
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    let validator = options
        .build(&json)
        .map_err(|error| format!("the schema of its settings is no JSON Schema: {error}"))?;
    Ok((json, validator))
}

/// Parts of a schema with every reference written out. A schema is a guest's, and a few lines of references
/// to references can stand for more than can be checked in a lifetime.
const SCHEMA_SIZE: usize = 10_000;

/// References within references. Each is a few frames of a stack, here and in the library that checks.
const SCHEMA_DEPTH: usize = 64;

/// How many parts a schema has when every reference is written out. The error ends the sentence that begins
/// with the schema.
fn size(root: &Json, part: &Json, within: &mut Vec<String>) -> Result<usize, String> {
    let mut n = 1_usize;
    match part {
        Json::Array(elements) => {
            for element in elements {
                n = grown(n, size(root, element, within)?)?;
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                n = match (name.as_str(), value) {
                    ("$ref", Json::String(to)) => grown(n, referred(root, to, within)?)?,
                    (
                        "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef",
                        Json::String(_),
                    ) => {
                        return Err(format!("uses `{name}`; only `$ref` within the schema is known"));
                    }
                    _ => grown(n, size(root, value, within)?)?,
                };
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    Ok(n)
}

fn referred(root: &Json, to: &str, within: &mut Vec<String>) -> Result<usize, String> {
    if within.iter().any(|outer| outer == to) {
        return Err(format!("refers to itself through `{to}`"));
    }
    if within.len() >= SCHEMA_DEPTH {
        return Err(format!("has more than {SCHEMA_DEPTH} references within references"));
    }
    let target = to.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
    let target = target.ok_or_else(|| format!("refers to `{to}`, which is not in it"))?;
    within.push(to.to_owned());
    let n = size(root, target, within)?;
    within.pop();
    Ok(n)
}

/// Stops counting early, or the counting itself would take that lifetime.
fn grown(n: usize, more: usize) -> Result<usize, String> {
    let n = n.saturating_add(more);
    if n > SCHEMA_SIZE {
        return Err(format!("has more than {SCHEMA_SIZE} parts when its references are written out"));
    }
    Ok(n)
}

fn mismatches(schema: &Json, error: &ValidationError<'_>) -> Vec<Mismatch> {
    let pointer = error.instance_path().as_str();
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        return unexpected.iter().map(|name| unknown(schema, error, pointer, name)).collect();
    }
    let place = if pointer.is_empty() { String::new() } else { format!("setting `{}`: ", shown(pointer)) };
    vec![Mismatch {
        pointer: pointer.to_owned(),
        message: format!("{place}{}", lower(&error.to_string())),
        help: None,
    }]
}

fn unknown(schema: &Json, error: &ValidationError<'_>, pointer: &str, name: &str) -> Mismatch {
    // `…/additionalProperties` stands beside the `properties` that would have been right.
    let known = error.schema_path().as_str().rsplit_once('/').and_then(|(object, _)| schema.pointer(object));
    let known = known.and_then(|object| object.get("properties")).and_then(Json::as_object);
    let names: Vec<&str> = known.into_iter().flat_map(|known| known.keys().map(String::as_str)).collect();
    Mismatch {
        pointer: format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
        message: format!("there is no setting `{name}`"),
        help: did_you_mean(name, names, "settings are"),
    }
}

/// `/a/b` as people write it: `a.b`.
fn shown(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// Our messages begin in lower case.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"{
        "type": "object", "additionalProperties": false,
        "properties": { "liveness": { "type": "boolean" }, "kinds": { "type": "array", "items": { "type": "string" } } }
    }"#;

    fn problems(settings: &str) -> Vec<(String, String, Option<String>)> {
        let settings = serde_json::from_str(settings).expect("JSON");
        check(SCHEMA, &settings).into_iter().map(|found| (found.pointer, found.message, found.help)).collect()
    }

    #[test]
    fn a_setting_that_fits_is_silent() {
        assert_eq!(problems(r#"{ "liveness": true, "kinds": ["service"] }"#), []);
        assert_eq!(problems("{}"), []);
    }

    #[test]
    fn a_name_that_there_is_not_gets_a_suggestion() {
        let expected = (
            "/livenes".into(),
            "there is no setting `livenes`".into(),
            Some("did you mean `liveness`?".into()),
        );
        assert_eq!(problems(r#"{ "livenes": true }"#), [expected]);
    }

    #[test]
    fn a_wrong_type_says_what_would_be_right() {
        let found = problems(r#"{ "kinds": ["service", 7] }"#);
        assert_eq!(
            found,
            [("/kinds/1".into(), "setting `kinds.1`: 7 is not of type \"string\"".into(), None)]
        );
    }

    #[test]
    fn references_stay_inside_and_come_to_an_end() {
        let accepts = |schema: &str| check_schema(schema);
        assert_eq!(
            accepts(r##"{"$defs": {"a": {"type": "string"}}, "items": {"$ref": "#/$defs/a"}}"##),
            Ok(())
        );
        for (schema, why) in [
            (r##"{"$ref": "#"}"##, "refers to itself"),
            (
                r##"{"$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"$ref": "#/$defs/a"}}}"##,
                "refers to itself",
            ),
            (r##"{"$ref": "#/$defs/a"}"##, "which is not in it"),
            (r##"{"$id": "https://here.example/"}"##, "uses `$id`"),
        ] {
            let refused = accepts(schema).expect_err(schema);
            assert!(refused.contains(why), "{refused}");
        }
        let chain = |n: usize| {
            let link = |n: usize| format!(r##""d{n}": {{"$ref": "#/$defs/d{}"}}"##, n + 1);
            let links = (1..n).map(link).collect::<Vec<_>>().join(",");
            format!(r##"{{"$ref": "#/$defs/d1", "$defs": {{{links}, "d{n}": {{}}}}}}"##)
        };
        assert_eq!(accepts(&chain(SCHEMA_DEPTH)), Ok(()), "as deep as may be");
        assert!(
            accepts(&chain(SCHEMA_DEPTH + 1)).expect_err("one more").contains("references within references")
        );
        // Each definition is two of the next: thirty lines that stand for a thousand million.
        let definition = |n: u32| {
            format!(
                r##""d{n}": {{"allOf": [{{"$ref": "#/$defs/d{0}"}}, {{"$ref": "#/$defs/d{0}"}}]}}"##,
                n + 1
            )
        };
        let definitions = (0..30).map(definition).collect::<Vec<_>>().join(",");
        let bomb = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{definitions}, "d30": {{}}}}}}"##);
        assert!(accepts(&bomb).expect_err("a bomb").contains("more than 10000 parts"));
        let many = |n: usize| {
            format!(
                r#"{{"enum": [{}]}}"#,
                vec!["0"; n].iter().enumerate().map(|(n, _)| n.to_string()).collect::<Vec<_>>().join(",")
            )
        };
        assert_eq!(accepts(&many(SCHEMA_SIZE - 2)), Ok(()), "as many as may be");
        assert!(accepts(&many(SCHEMA_SIZE - 1)).is_err(), "one more");
    }

    #[test]
    fn a_schema_that_is_none_is_refused() {
        assert!(check_schema("{").is_err());
        assert!(check_schema(r#"{"type": 7}"#).is_err());
        assert!(
            check_schema(r#"{"$ref": "https://elsewhere.example/schema.json"}"#).is_err(),
            "nothing is fetched"
        );
        let longest = format!("{{\"title\":\"{}\"}}", "x".repeat(limits::POLICY_SCHEMA_BYTES - 12));
        assert_eq!(longest.len(), limits::POLICY_SCHEMA_BYTES);
        assert_eq!(check_schema(&longest), Ok(()));
        assert!(check_schema(&format!("{longest} ")).is_err(), "one byte more");
    }
}
