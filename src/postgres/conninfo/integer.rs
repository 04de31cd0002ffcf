//! A whole number as libpq reads it.

/// Reads a number as C's `strtol` with base 10 does, with blanks around it and one sign.
pub(super) fn read(text: &str) -> Option<i32> {
    text.trim_matches(super::is_space).parse().ok()
}
