//! Checks libpq's numeric settings that have no effect here: a connection string that libpq refuses
//! for one of them is refused too.
//!
//! `parse_int_param` in `src/interfaces/libpq/fe-connect.c`, and its callers.

use super::endpoint::Endpoint;
use super::error::TargetError;
use super::integer;
use super::keyword::Keyword;
use super::values::Values;

/// The settings that are checked only if keepalives are on, in this order.
const OF_KEEPALIVES: [Keyword; 4] = [
    Keyword::KeepalivesIdle,
    Keyword::KeepalivesInterval,
    Keyword::KeepalivesCount,
    Keyword::TcpUserTimeout,
];

/// Refuses a value that is not a number if libpq would read it: those of keepalives only over TCP.
pub(super) fn check(values: &Values<'_>, endpoint: &Endpoint) -> Result<(), TargetError> {
    number(values, Keyword::ConnectTimeout)?;
    match endpoint {
        Endpoint::Unix { .. } => return Ok(()),
        Endpoint::Tcp { .. } => {}
    }
    if number(values, Keyword::Keepalives)? == Some(0) {
        return Ok(());
    }
    for keyword in OF_KEEPALIVES {
        number(values, keyword)?;
    }
    Ok(())
}

/// Reads the value of a keyword; as in libpq, an empty text is not a number.
fn number(values: &Values<'_>, keyword: Keyword) -> Result<Option<i32>, TargetError> {
    let Some(value) = values.find(keyword) else {
        return Ok(None);
    };
    match integer::read(&value.text) {
        Some(number) => Ok(Some(number)),
        None => Err(value.invalid("a whole number without a unit")),
    }
}
