//! Parses decimal numbers in the attributes that nodes exchange; does not know their meaning.

use std::str::FromStr;

/// Parses digits only; `parse` would accept a sign, too.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_neither_a_sign_nor_spaces() {
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        assert_eq!(number("4294967296"), None::<u32>);
        for wrong in ["", "+1", "-1", " 1", "1 ", "0x1", "١"] {
            assert_eq!(number(wrong), None::<u64>, "{wrong}");
        }
    }
}
