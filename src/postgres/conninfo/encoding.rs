//! The names of encodings that a server accepts for `client_encoding`. They have no effect here: a
//! login always asks for UTF-8.
//!
//! PostgreSQL manual, "Character Set Support", the table and its column of aliases; `clean_encoding_name`
//! in `src/common/encnames.c`.

use super::error::TargetError;
use super::keyword::Keyword;
use super::values::Values;

/// Every name and alias of all supported versions, as [`clean`] leaves it.
const NAMES: &[&str] = &[
    "abc",
    "alt",
    "big5",
    "euccn",
    "eucjis2004",
    "eucjp",
    "euckr",
    "euctw",
    "gb18030",
    "gbk",
    "iso88591",
    "iso885910",
    "iso885913",
    "iso885914",
    "iso885915",
    "iso885916",
    "iso88592",
    "iso88593",
    "iso88594",
    "iso88595",
    "iso88596",
    "iso88597",
    "iso88598",
    "iso88599",
    "johab",
    "koi8",
    "koi8r",
    "koi8u",
    "latin1",
    "latin10",
    "latin2",
    "latin3",
    "latin4",
    "latin5",
    "latin6",
    "latin7",
    "latin8",
    "latin9",
    "mskanji",
    "muleinternal",
    "shiftjis",
    "shiftjis2004",
    "sjis",
    "sqlascii",
    "tcvn",
    "tcvn5712",
    "uhc",
    "unicode",
    "utf8",
    "vscii",
    "win",
    "win1250",
    "win1251",
    "win1252",
    "win1253",
    "win1254",
    "win1255",
    "win1256",
    "win1257",
    "win1258",
    "win866",
    "win874",
    "win932",
    "win936",
    "win949",
    "win950",
    "windows1250",
    "windows1251",
    "windows1252",
    "windows1253",
    "windows1254",
    "windows1255",
    "windows1256",
    "windows1257",
    "windows1258",
    "windows866",
    "windows874",
    "windows932",
    "windows936",
    "windows949",
    "windows950",
];

/// Refuses a name that every server refuses.
pub(super) fn check(values: &Values<'_>) -> Result<(), TargetError> {
    match values.text(Keyword::ClientEncoding) {
        // `auto` is the encoding of the locale, which libpq determines itself.
        Some(value) if value.text == "auto" || is_known(&value.text) => Ok(()),
        Some(value) => {
            Err(value.invalid("an encoding that PostgreSQL knows, such as UTF8, or auto"))
        }
        None => Ok(()),
    }
}

/// Whether a server knows an encoding by this name, in any spelling.
#[must_use]
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&clean(name).as_str())
}

/// Keeps only letters and digits, in lower case.
fn clean(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}
