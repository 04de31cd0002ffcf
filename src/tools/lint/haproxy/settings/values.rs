//! The values of single settings; knows no other line.

use std::time::Duration;

use super::super::server::WrittenValue;
use super::super::time::time;
use crate::tools::lint::FileLine;

/// The mode of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Mode {
    /// `mode tcp`.
    #[default]
    Tcp,
    /// `mode http`.
    Http,
    /// Any other mode, which `PostgreSQL` cannot use.
    Other,
}

/// Whether the known state of the servers is kept over a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum StateFile {
    #[default]
    None,
    Read,
}

/// Which backups get sessions when no other server is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Backups {
    #[default]
    First,
    All,
}

/// Timeouts. The inner value is `None` if a timeout is set and cannot be parsed.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct Timeouts {
    pub(in crate::tools::lint::haproxy) check: Option<WrittenValue<Option<Duration>>>,
    pub(in crate::tools::lint::haproxy) client: Option<WrittenValue<Option<Duration>>>,
    pub(in crate::tools::lint::haproxy) server: Option<WrittenValue<Option<Duration>>>,
    pub(in crate::tools::lint::haproxy) tunnel: Option<WrittenValue<Option<Duration>>>,
}

impl Timeouts {
    pub(super) fn read(&mut self, which: &str, value: &str, place: &FileLine) {
        let setting = Some(WrittenValue::at(place, time(value)));
        match which {
            "check" => self.check = setting,
            "client" | "clitimeout" => self.client = setting,
            "server" | "srvtimeout" => self.server = setting,
            "tunnel" => self.tunnel = setting,
            _ => {}
        }
    }
}
