//! Checks an answer against the part of JSON Schema that our questions use. What the schema does not name is refused.

use serde_json::Value;

/// Longest text in an answer, bytes.
const TEXT_BYTES_MAX: usize = 4096;

/// Where an answer differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    /// A value of another kind than asked for.
    #[error("{at} is not of the kind {wanted}")]
    Kind {
        /// Path.
        at: String,
        /// `string`, `number` …
        wanted: String,
    },
    /// A value that is not on the list.
    #[error("{at} is none of the values that were offered")]
    NotOffered {
        /// Path.
        at: String,
    },
    /// A property that is missing.
    #[error("{at} is missing")]
    Missing {
        /// Path.
        at: String,
    },
    /// A property that nobody asked for.
    #[error("{at} has properties that nobody asked for")]
    Extra {
        /// Path.
        at: String,
    },
    /// A text or list without end.
    #[error("{at} is too long")]
    TooLong {
        /// Path.
        at: String,
    },
}

pub(super) fn check(value: &Value, schema: &Value) -> Result<(), SchemaFault> {
    at("the answer", value, schema)
}

fn at(path: &str, value: &Value, schema: &Value) -> Result<(), SchemaFault> {
    if let Some(choices) = schema["anyOf"].as_array() {
        let tried: Vec<_> = choices.iter().map(|choice| at(path, value, choice)).collect();
        return if tried.iter().any(Result::is_ok) {
            Ok(())
        } else {
            tried.into_iter().next_back().unwrap_or(Ok(()))
        };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_kind(value, kind)) {
        return Err(SchemaFault::Kind { at: path.into(), wanted: kinds.join(" or ") });
    }
    if schema["enum"].as_array().is_some_and(|offered| !offered.contains(value)) {
        return Err(SchemaFault::NotOffered { at: path.into() });
    }
    match value {
        Value::String(text) if text.len() > TEXT_BYTES_MAX => Err(SchemaFault::TooLong { at: path.into() }),
        Value::Array(items) if items.len() > 100 => Err(SchemaFault::TooLong { at: path.into() }),
        Value::Array(items) => items.iter().try_for_each(|item| at(path, item, &schema["items"])),
        Value::Object(_) => object(path, value, schema),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn object(path: &str, value: &Value, schema: &Value) -> Result<(), SchemaFault> {
    let properties = schema["properties"].as_object();
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if value.get(name).is_none() {
            return Err(SchemaFault::Missing { at: name.into() });
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match properties.and_then(|p| p.get(name)) {
            Some(schema) => at(name, inner, schema)?,
            None => return Err(SchemaFault::Extra { at: path.into() }), // its name is a stranger's word
        }
    }
    Ok(())
}

fn is_kind(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
