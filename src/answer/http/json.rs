//! Writes JSON like Python's `json.dumps`: load balancers search for `"role": "replica"` with the space.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The document as a single line.
pub(super) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
        Value::String(_) => quote(&value.to_string(), text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, text);
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => object(fields, text),
    }
}

fn object(fields: &Map<String, Value>, text: &mut String) {
    text.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        separate(index, text);
        quote(&Value::from(name.as_str()).to_string(), text);
        text.push_str(": ");
        write(value, text);
    }
    text.push('}');
}

fn separate(index: usize, text: &mut String) {
    if index > 0 {
        text.push_str(", ");
    }
}

/// Escapes characters outside ASCII as UTF-16 code units.
fn quote(quoted: &str, text: &mut String) {
    for c in quoted.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                write!(text, "\\u{unit:04x}").ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_format_is_that_of_python() {
        let value = json!({"b": [1, null, true], "a": {"c\"": "é😀\n"}, "d": [], "e": 1.5});
        let expected = "{\"b\": [1, null, true], \"a\": {\"c\\\"\": \
                        \"\\u00e9\\ud83d\\ude00\\n\"}, \"d\": [], \"e\": 1.5}";
        assert_eq!(dumps(&value), expected);
    }
}
