//! Formats documents as JSON.

use serde::Serialize;

/// A document in one line.
pub(crate) fn on_one_line(document: &impl Serialize) -> String {
    // Serialization cannot fail: no document has a map whose keys are not strings.
    serde_json::to_string(document).unwrap_or_default()
}

/// A document with one field on each line, for people.
pub(crate) fn line_by_line(document: &impl Serialize) -> String {
    // Cannot fail either, see above.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
