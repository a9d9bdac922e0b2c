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
    // Patterns in linear time: a schema is a guest's, and a backtracking one could run for ever.
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    let validator = options
        .build(&json)
        .map_err(|error| format!("the schema of its settings is no JSON Schema: {error}"))?;
    Ok((json, validator))
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
