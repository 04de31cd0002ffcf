//! Reads an `ErrorResponse` (PostgreSQL manual, "Error and Notice Message Fields"); judges nothing
//! from it.

use std::error::Error;
use std::fmt;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorResponseBody;

/// Five characters that identify an error in every language (manual, appendix "PostgreSQL Error Codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// `protocol_violation`
    pub const PROTOCOL_VIOLATION: Self = Self(*b"08P01");
    /// `too_many_connections`
    pub const TOO_MANY_CONNECTIONS: Self = Self(*b"53300");
    /// `cannot_connect_now`
    pub const CANNOT_CONNECT_NOW: Self = Self(*b"57P03");
    /// `admin_shutdown`
    pub const ADMIN_SHUTDOWN: Self = Self(*b"57P01");
    /// `crash_shutdown`
    pub const CRASH_SHUTDOWN: Self = Self(*b"57P02");
    /// `invalid_authorization_specification`
    pub const INVALID_AUTHORIZATION_SPECIFICATION: Self = Self(*b"28000");
    /// `query_canceled`
    pub const QUERY_CANCELED: Self = Self(*b"57014");
    /// `invalid_catalog_name`
    pub const INVALID_CATALOG_NAME: Self = Self(*b"3D000");
    /// `insufficient_privilege`
    pub const INSUFFICIENT_PRIVILEGE: Self = Self(*b"42501");
    /// `object_not_in_prerequisite_state`
    pub const OBJECT_NOT_IN_PREREQUISITE_STATE: Self = Self(*b"55000");

    /// `undefined_file`
    pub const UNDEFINED_FILE: Self = Self(*b"58P01");

    /// Whether it belongs to class 28, "Invalid Authorization Specification".
    pub fn is_of_authorization(self) -> bool {
        self.0.starts_with(b"28")
    }

    /// Whether it belongs to a class of errors of the server and not of the request: "Insufficient Resources",
    /// "System Error", "Configuration File Error" and "Internal Error".
    pub fn is_of_the_server(self) -> bool {
        let classes = [b"53", b"58", b"F0", b"XX"];
        classes.iter().any(|class| self.0.starts_with(*class))
    }
}

impl From<[u8; 5]> for SqlState {
    fn from(code: [u8; 5]) -> Self {
        Self(code)
    }
}

/// An error that a server reported.
#[derive(Debug, Default)]
pub struct ErrorResponse {
    severity: String,
    /// The SQLSTATE; every PostgreSQL server sends one.
    pub code: Option<SqlState>,
    message: String,
    /// The detail, which only some errors have.
    pub detail: Option<String>,
    /// The function in the server's source that reports the error.
    pub routine: Option<String>,
    ends_session: bool,
}

impl ErrorResponse {
    /// Reads the fields; broken ones are left out.
    pub(super) fn read(body: &ErrorResponseBody) -> Self {
        let mut error = Self::default();
        let mut fields = body.fields();
        while let Ok(Some(field)) = fields.next() {
            let value = field.value_bytes();
            match field.type_() {
                b'S' => error.severity = printable(value),
                b'C' => error.code = value.try_into().ok().map(SqlState),
                b'M' => error.message = printable(value),
                b'D' => error.detail = Some(printable(value)),
                b'R' => error.routine = Some(printable(value)),
                _ => {}
            }
            // `V` is the severity in English, whatever the language of the rest; from PostgreSQL 9.6.
            if matches!(field.type_(), b'S' | b'V') && matches!(value, b"FATAL" | b"PANIC") {
                error.ends_session = true;
            }
        }
        error
    }

    /// Whether the error ends the session.
    pub fn ends_session(&self) -> bool {
        self.ends_session
    }
}

/// Most characters of a field that are kept: it becomes part of a line of a log and of messages.
const MOST: usize = 500;

/// Returns one line of bounded length, whatever the server has sent.
fn printable(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut kept: String = chars.by_ref().take(MOST).collect();
    if chars.next().is_some() {
        kept.push_str(" [...]");
    }
    kept
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity, message, ..
        } = self;
        write!(f, "{severity}: {message}")?;
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        match &self.code {
            Some(code) => write!(f, ", SQLSTATE {code}"),
            None => Ok(()),
        }
    }
}

impl Error for ErrorResponse {}
