//! Documents as JSON texts; knows none of them.

use serde::Serialize;

/// A document in one line.
pub(crate) fn on_one_line(document: &impl Serialize) -> String {
    // Structs of texts and numbers can always be written.
    serde_json::to_string(document).unwrap_or_default()
}

/// A document with a field a line, for people.
pub(crate) fn line_by_line(document: &impl Serialize) -> String {
    // As above.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
