//! Who is measured: how each is started, where it answers, and what it needs; knows nothing of figures.
//!
//! - [`name`]: the closed set of contenders.
//! - [`running`]: a started contender, the same for all.
//! - [`bare`], [`bare_http`], [`ours`], [`psql`], [`bgw`], [`patroni`]: one contender each, or one in two ways.

mod bare;
mod bare_http;
mod bgw;
mod name;
mod ours;
mod patroni;
mod psql;
mod running;

use std::ffi::OsStr;
use std::process::Command;

pub(crate) use bare::{Bare, serve as serve_bare};
pub(crate) use bare_http::{BareHttp, serve as serve_bare_http};
pub(crate) use bgw::Bgw;
pub(crate) use name::Name;
pub(crate) use ours::{Certificate, LIARS_SOCKET, Ours};
pub(crate) use patroni::Patroni;
pub(crate) use psql::Psql;
pub(crate) use running::Running;

use crate::error::Error;
use crate::host::Host;
use crate::host::folder::run;
use crate::host::packages::Needed;

/// Something that answers whether a PostgreSQL is the primary.
pub(crate) trait Contender {
    /// Which one it is.
    fn name(&self) -> Name;

    /// The files of Debian packages without which it cannot be started.
    fn needs(&self) -> Vec<Needed>;

    /// What was measured, with its version.
    fn version(&self) -> Result<String, Error>;

    /// Starts it with its PostgreSQL and waits for its first right answer.
    fn start(&self, host: &Host) -> Result<Running, Error>;
}

/// What a program says of its version.
fn version_of(program: impl AsRef<OsStr>) -> Result<String, Error> {
    let said = run(Command::new(program).arg("--version"))?;
    Ok(said.trim().to_owned())
}
