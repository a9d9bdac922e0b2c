//! [`Settings`]: what a platform can say in `use NAME { … }`, and [`settings!`](crate::settings!), which
//! declares it once for the struct, the defaults and the JSON Schema.
//!
//! Not here: checking against the schema; the host does that before a policy sees its settings. What is
//! checked here again is what native tests give.
//!
//! Start with [`settings!`](crate::settings!).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What can be set. The host checks a platform's settings against the schema before the policy sees them.
pub trait Settings: Sized {
    /// A JSON Schema of an object.
    fn schema() -> Value;

    /// The settings, from an object that fits the schema.
    ///
    /// # Errors
    ///
    /// What is the matter, and with which of them: the schema cannot say everything.
    fn read(json: &Value) -> Result<Self, Vec<SettingError>>;
}

/// A type that a setting can have.
pub trait Setting: Sized {
    /// Its JSON Schema.
    fn schema() -> Value;

    /// The value; the error says what would be right.
    ///
    /// # Errors
    ///
    /// If the JSON is something else.
    fn read(json: &Value) -> Result<Self, String>;

    /// The value as JSON, for the schema's `default`.
    fn write(&self) -> Value;
}

/// A setting that the policy does not accept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingError {
    /// RFC 6901 pointer into the settings.
    pub path: String,
    /// What is the matter.
    pub message: String,
}

/// For a policy that has none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NoSettings;

impl Settings for NoSettings {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": false })
    }

    fn read(json: &Value) -> Result<Self, Vec<SettingError>> {
        unknown(json, &[]).map(|()| Self)
    }
}

/// Declares the settings of a policy: a struct with a default for each field.
///
/// A field `max_age` is `max-age` to the platform. Comments become the schema's descriptions.
#[macro_export]
macro_rules! settings {
    (
        $(#[doc = $about:literal])*
        $vis:vis struct $settings:ident {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty = $default:expr),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, PartialEq, Debug)]
        $vis struct $settings {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl Default for $settings {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }

        impl $crate::Settings for $settings {
            fn schema() -> $crate::serde_json::Value {
                let defaults = Self::default();
                let fields = [$(
                    $crate::settings_macro::field::<$type>(stringify!($field), &[$($doc),*], &defaults.$field)
                ),*];
                $crate::settings_macro::object(&[$($about),*], fields)
            }

            fn read(json: &$crate::serde_json::Value) -> Result<Self, Vec<$crate::SettingError>> {
                let mut errors = $crate::settings_macro::unknown(json, &[$(stringify!($field)),*]);
                let mut settings = Self::default();
                $(
                    match $crate::settings_macro::read::<$type>(json, stringify!($field)) {
                        Ok(Some(value)) => settings.$field = value,
                        Ok(None) => {}
                        Err(error) => errors.push(error),
                    }
                )*
                if errors.is_empty() { Ok(settings) } else { Err(errors) }
            }
        }
    };
}

/// What [`settings!`](crate::settings!) expands to. Not for others.
#[doc(hidden)]
pub mod macro_support {
    use super::{Map, Setting, SettingError, Value, json};

    /// Schema of a field, with its name.
    pub fn field<T: Setting>(field: &str, doc: &[&str], default: &T) -> (String, Value) {
        let mut schema = T::schema();
        if let Value::Object(schema) = &mut schema {
            describe(schema, doc);
            schema.insert("default".into(), default.write());
        }
        (name(field), schema)
    }

    /// Schema of all fields.
    pub fn object(doc: &[&str], fields: impl IntoIterator<Item = (String, Value)>) -> Value {
        let properties: Map<String, Value> = fields.into_iter().collect();
        let mut schema = Map::new();
        describe(&mut schema, doc);
        schema.insert("type".into(), json!("object"));
        schema.insert("additionalProperties".into(), json!(false));
        schema.insert("properties".into(), properties.into());
        schema.into()
    }

    /// A field's value, if the platform says something.
    pub fn read<T: Setting>(json: &Value, field: &str) -> Result<Option<T>, SettingError> {
        let name = name(field);
        let Some(json) = json.get(&name) else { return Ok(None) };
        T::read(json).map(Some).map_err(|message| SettingError { path: format!("/{name}"), message })
    }

    /// What is none of the fields.
    pub fn unknown(json: &Value, fields: &[&str]) -> Vec<SettingError> {
        let known: Vec<String> = fields.iter().map(|field| name(field)).collect();
        let said = json.as_object().into_iter().flat_map(Map::keys);
        let error = |said: &String| SettingError {
            path: format!("/{}", said.replace('~', "~0").replace('/', "~1")),
            message: format!("there is no setting `{said}`"),
        };
        said.filter(|said| !known.contains(said)).map(error).collect()
    }

    fn describe(schema: &mut Map<String, Value>, doc: &[&str]) {
        let text = doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            schema.insert("description".into(), text.into());
        }
    }

    fn name(field: &str) -> String {
        field.replace('_', "-")
    }
}

fn unknown(json: &Value, fields: &[&str]) -> Result<(), Vec<SettingError>> {
    let errors = macro_support::unknown(json, fields);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

macro_rules! scalar {
    ($($type:ty, $schema:expr, $read:expr, $right:literal;)*) => {
        $(
            impl Setting for $type {
                fn schema() -> Value {
                    $schema
                }

                fn read(json: &Value) -> Result<Self, String> {
                    let read: fn(&Value) -> Option<Self> = $read;
                    read(json).ok_or_else(|| format!("`{json}` is not {}", $right))
                }

                fn write(&self) -> Value {
                    json!(self)
                }
            }
        )*
    };
}

scalar! {
    bool, json!({ "type": "boolean" }), Value::as_bool, "true or false";
    String, json!({ "type": "string" }), |json| json.as_str().map(str::to_owned), "a text";
    f64, json!({ "type": "number" }), Value::as_f64, "a number";
    i64, json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }), Value::as_i64, "a whole number";
    u32, json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        |json| json.as_u64().and_then(|number| number.try_into().ok()), "a whole number from 0";
}

/// In KDL `kinds service` is a list of one and a text alike, so a list takes its element too.
impl<T: Setting> Setting for Vec<T> {
    fn schema() -> Value {
        json!({ "anyOf": [{ "type": "array", "items": T::schema() }, T::schema()] })
    }

    fn read(json: &Value) -> Result<Self, String> {
        match json {
            Value::Array(elements) => elements.iter().map(T::read).collect(),
            one => T::read(one).map(|one| vec![one]),
        }
    }

    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }
}

impl<T: Setting> Setting for BTreeMap<String, T> {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }

    fn read(json: &Value) -> Result<Self, String> {
        let Value::Object(fields) = json else { return Err(format!("`{json}` is not a record")) };
        fields.iter().map(|(name, value)| Ok((name.clone(), T::read(value)?))).collect()
    }

    fn write(&self) -> Value {
        Value::Object(self.iter().map(|(name, value)| (name.clone(), value.write())).collect())
    }
}

/// `None` where the platform says nothing.
impl<T: Setting> Setting for Option<T> {
    fn schema() -> Value {
        json!({ "anyOf": [T::schema(), { "type": "null" }] })
    }

    fn read(json: &Value) -> Result<Self, String> {
        if json.is_null() { Ok(None) } else { T::read(json).map(Some) }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    settings! {
        /// About all.
        struct Example {
            /// How many.
            /// In words.
            max_age: u32 = 7,
            kinds: Vec<String> = vec!["service".into()],
            team: Option<String> = None,
        }
    }

    #[test]
    fn the_schema_has_names_defaults_and_words() {
        let schema = Example::schema();
        assert_eq!(schema["description"], "About all.");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["max-age"]["description"], "How many. In words.");
        assert_eq!(schema["properties"]["max-age"]["default"], 7);
        assert_eq!(schema["properties"]["kinds"]["default"], json!(["service"]));
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        assert_eq!(Example::read(&json!({})), Ok(Example::default()));
        let read = Example::read(&json!({ "max-age": 1, "kinds": "daemon", "team": "sre" }));
        let wanted = Example { max_age: 1, kinds: vec!["daemon".into()], team: Some("sre".into()) };
        assert_eq!(read, Ok(wanted));
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let errors = Example::read(&json!({ "max-age": -1, "kind": [] })).expect_err("two things are wrong");
        let paths: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, ["/kind", "/max-age"]);
    }
}
