//! JSON text: of a view's values, and in the one form that equal values share.
//!
//! Not here: reading (`serde_json` does) and schemas ([`crate::settings`]).
//!
//! Start with [`canonical`].

use std::fmt::Write as _;

use platc_artifact::view::Value;
use serde_json::Value as Json;

/// The text that equal values share: no blanks, the keys of objects sorted.
pub(crate) fn canonical(json: &Json) -> String {
    let mut text = String::new();
    write_canonical(json, &mut text);
    text
}

// Recursive, which is safe here: the reader that made `json` gives up at 128 levels.
fn write_canonical(json: &Json, to: &mut String) {
    match json {
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            to.push('{');
            for (n, (name, value)) in fields.into_iter().enumerate() {
                if n > 0 {
                    to.push(',');
                }
                write_str(name, to);
                to.push(':');
                write_canonical(value, to);
            }
            to.push('}');
        }
        Json::Array(elements) => {
            to.push('[');
            for (n, element) in elements.iter().enumerate() {
                if n > 0 {
                    to.push(',');
                }
                write_canonical(element, to);
            }
            to.push(']');
        }
        Json::String(text) => write_str(text, to),
        Json::Null | Json::Bool(_) | Json::Number(_) => {
            // Writing into a String cannot fail.
            let _ = write!(to, "{json}");
        }
    }
}

/// A value of a view.
pub(crate) fn write_value(value: &Value<'_>, to: &mut String) {
    match value {
        Value::Str(text) => write_str(text, to),
        Value::Int(number) => write_int(*number, to),
        Value::Bool(truth) => to.push_str(if *truth { "true" } else { "false" }),
        Value::Json(json) => to.push_str(json),
    }
}

/// A whole number.
pub(crate) fn write_int(number: i64, to: &mut String) {
    // Writing into a String cannot fail.
    let _ = write!(to, "{number}");
}

/// A string. Runs of plain text are copied whole: nearly all text is plain.
pub(crate) fn write_str(text: &str, to: &mut String) {
    to.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        // `at` is the place of an ASCII byte, so both splits are between characters.
        let (plain, after) = rest.split_at(at);
        to.push_str(plain);
        let (special, after) = after.split_at(1);
        match special {
            "\"" => to.push_str("\\\""),
            "\\" => to.push_str("\\\\"),
            "\n" => to.push_str("\\n"),
            "\t" => to.push_str("\\t"),
            "\r" => to.push_str("\\r"),
            control => {
                let _ = write!(to, "\\u{:04x}", control.bytes().next().unwrap_or(0));
            }
        }
        rest = after;
    }
    to.push_str(rest);
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in ["", "plain", "a\"b\\c", "é\n\t\r\u{1}\u{7f}", "\u{2028}😀"] {
            let mut json = String::new();
            write_str(text, &mut json);
            assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), text);
        }
    }

    #[test]
    fn equal_values_have_one_text() {
        let read = |text| canonical(&serde_json::from_str(text).expect("JSON"));
        assert_eq!(
            read(r#"{ "b": [1, null], "a": {"d": "x", "c": true} }"#),
            r#"{"a":{"c":true,"d":"x"},"b":[1,null]}"#
        );
        assert_ne!(read("1"), read("1.0"), "a whole number and a fraction are two things");
    }
}
