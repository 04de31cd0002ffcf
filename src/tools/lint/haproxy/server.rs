//! Parses a server's line: its address, and how it is checked; knows no other line (Configuration Manual, "Server
//! and default-server options").
//!
//! - `valued`: which parameters have a value.
//! - `target`: where its checks and its agent-check go.

mod target;
mod valued;

use std::time::Duration;

use super::address::{Address, Host, Socket, comparable};
use super::sections::Line;
use super::time::time;
use crate::tools::lint::FileLine;
pub(super) use target::CheckTarget;
use valued::VALUED;

/// A value, and the line on which it is written.
#[derive(Clone, Debug)]
pub(super) struct WrittenValue<T> {
    pub(super) value: T,
    pub(super) place: FileLine,
}

/// The parameters of a server's line; `default-server` sets them for the lines after it. A value that cannot be
/// parsed, for example a variable, is `None` inside.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerParameters {
    pub(super) check: Option<FileLine>,
    pub(super) agent_check: Option<FileLine>,
    /// `check-ssl`.
    pub(super) check_ssl: Option<FileLine>,
    /// `ssl`.
    pub(super) ssl: Option<FileLine>,
    pub(super) backup: Option<FileLine>,
    pub(super) disabled: Option<FileLine>,
    pub(super) track: Option<WrittenValue<String>>,
    pub(super) init_state: Option<WrittenValue<String>>,
    pub(super) init_addr: Option<WrittenValue<String>>,
    pub(super) resolvers: Option<WrittenValue<String>>,
    pub(super) resolve_opts: Option<WrittenValue<String>>,
    pub(super) healthcheck: Option<WrittenValue<String>>,
    pub(super) inter: Option<WrittenValue<Option<Duration>>>,
    pub(super) fastinter: Option<WrittenValue<Option<Duration>>>,
    pub(super) downinter: Option<WrittenValue<Option<Duration>>>,
    pub(super) fall: Option<WrittenValue<Option<u32>>>,
    pub(super) rise: Option<WrittenValue<Option<u32>>>,
    /// The port of the check, if it is not the server's.
    pub(super) port: Option<WrittenValue<Option<u16>>>,
    pub(super) addr: Option<WrittenValue<Host>>,
    pub(super) agent_addr: Option<WrittenValue<Host>>,
    /// `addr` as it is written.
    pub(super) addr_written: Option<WrittenValue<String>>,
    /// `agent-addr` as it is written.
    pub(super) agent_addr_written: Option<WrittenValue<String>>,
    pub(super) agent_port: Option<WrittenValue<Option<u16>>>,
    pub(super) agent_send: Option<WrittenValue<String>>,
    pub(super) on_marked_down: Option<WrittenValue<String>>,
    pub(super) on_marked_up: Option<WrittenValue<String>>,
    pub(super) maxconn: Option<FileLine>,
    /// `None` inside is a variable.
    pub(super) weight: Option<WrittenValue<Option<u32>>>,
    /// A variable in place of a keyword.
    pub(super) variable: Option<WrittenValue<String>>,
}

/// One server, or the servers that a `server-template` makes.
#[derive(Clone, Debug)]
pub(super) struct ServerLine {
    pub(super) name: String,
    pub(super) address: Address,
    /// The address without its port, in the form for comparisons.
    pub(super) host: String,
    /// The address of any kind, `None` if it has an unknown form.
    pub(super) socket: Option<Socket>,
    pub(super) count: usize,
    pub(super) parameters: ServerParameters,
    pub(super) place: FileLine,
}

impl<T> WrittenValue<T> {
    pub(super) fn at(place: &FileLine, value: T) -> Self {
        let place = place.clone();
        Self { value, place }
    }
}

impl ServerParameters {
    /// Reads the words after `default-server`, or after a server's address.
    pub(super) fn read<'a>(&mut self, words: impl IntoIterator<Item = &'a str>, place: &FileLine) {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if VALUED.contains(&word) {
                if let Some(value) = words.next() {
                    self.valued(word, value, place);
                }
            } else {
                self.flag(word, place);
            }
        }
    }

    fn flag(&mut self, word: &str, place: &FileLine) {
        let on = || Some(place.clone());
        match word {
            "check" => self.check = on(),
            "no-check" => self.check = None,
            "agent-check" => self.agent_check = on(),
            "no-agent-check" => self.agent_check = None,
            "check-ssl" => self.check_ssl = on(),
            "no-check-ssl" => self.check_ssl = None,
            "ssl" => self.ssl = on(),
            "no-ssl" => self.ssl = None,
            "backup" => self.backup = on(),
            "no-backup" => self.backup = None,
            "disabled" => self.disabled = on(),
            "enabled" => self.disabled = None,
            _ if word.contains("${") => {
                self.variable = Some(WrittenValue::at(place, word.to_owned()));
            }
            _ => {}
        }
    }

    fn valued(&mut self, word: &str, value: &str, place: &FileLine) {
        let text = || Some(WrittenValue::at(place, value.to_owned()));
        match word {
            "track" => self.track = text(),
            "init-state" => self.init_state = text(),
            "init-addr" => self.init_addr = text(),
            "resolvers" => self.resolvers = text(),
            "resolve-opts" => self.resolve_opts = text(),
            "healthcheck" => self.healthcheck = text(),
            "agent-send" => self.agent_send = text(),
            "on-marked-down" => self.on_marked_down = text(),
            "on-marked-up" => self.on_marked_up = text(),
            "inter" => self.inter = Some(WrittenValue::at(place, time(value))),
            "fastinter" => self.fastinter = Some(WrittenValue::at(place, time(value))),
            "downinter" => self.downinter = Some(WrittenValue::at(place, time(value))),
            "rise" => self.rise = Some(WrittenValue::at(place, value.parse().ok())),
            "fall" => self.fall = Some(WrittenValue::at(place, value.parse().ok())),
            "port" => self.port = Some(WrittenValue::at(place, value.parse().ok())),
            "addr" => {
                self.addr = Some(WrittenValue::at(place, Host::read(value)));
                self.addr_written = text();
            }
            "agent-port" => self.agent_port = Some(WrittenValue::at(place, value.parse().ok())),
            "agent-addr" => {
                self.agent_addr = Some(WrittenValue::at(place, Host::read(value)));
                self.agent_addr_written = text();
            }
            "weight" => self.weight = Some(WrittenValue::at(place, value.parse().ok())),
            "maxconn" => self.maxconn = Some(place.clone()),
            _ => {}
        }
    }
}

impl ServerLine {
    /// Reads a `server` or `server-template` line; `None` if its name or address is missing.
    pub(super) fn read(line: &Line, defaults: &ServerParameters) -> Option<Self> {
        let mut words = line.words.iter().map(String::as_str);
        let template = match words.next()? {
            "server" => false,
            "server-template" => true,
            _ => return None,
        };
        let name = words.next()?.to_owned();
        let count = if template { many(words.next()?) } else { 1 };
        let written = words.next()?;
        let address = Address::read(written);
        let host = written.rsplit_once(':').map_or(written, |(host, _)| host);
        let mut parameters = defaults.clone();
        parameters.read(words, &line.place);
        Some(Self {
            name,
            address,
            host: comparable(host),
            socket: Socket::read(written),
            count,
            parameters,
            place: line.place.clone(),
        })
    }

    /// Whether it has this name, or makes a server of this name from a template.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let number = name.strip_prefix(&self.name);
        let is_made = || number.is_some_and(|number| number.parse::<u32>().is_ok());
        self.name == name || (self.count > 1 && is_made())
    }

    /// Whether it makes several servers that have one address.
    pub(super) fn is_one_address(&self) -> bool {
        self.count > 1 && !self.gets_own_address()
    }

    /// Whether `resolvers` give it an address that no other server of the section has.
    pub(super) fn gets_own_address(&self) -> bool {
        let options = self.parameters.resolve_opts.as_ref();
        let may_have_anothers = options.is_some_and(|options| {
            let mut options = options.value.split(',');
            options.any(|option| option == "allow-dup-ip")
        });
        let is_name = self.address.name().is_some();
        self.parameters.resolvers.is_some() && is_name && !may_have_anothers
    }

    /// Whether it has a check of its own.
    pub(super) fn is_checked(&self) -> bool {
        self.parameters.check.is_some() && self.parameters.track.is_none()
    }

    /// Whether `weight 0` keeps it from `balance`, and from what `nbsrv` counts.
    pub(super) fn is_weightless(&self) -> bool {
        let weight = self.parameters.weight.as_ref();
        weight.is_some_and(|weight| weight.value == Some(0))
    }

    /// Whether it gets sessions while it is up, and not only as a backup.
    pub(super) fn is_active(&self) -> bool {
        self.parameters.backup.is_none() && self.parameters.disabled.is_none()
    }
}

/// The number of servers in `3` or `2-4`; two if it cannot be parsed.
fn many(range: &str) -> usize {
    let bounds = match range.split_once('-') {
        Some((first, last)) => (first.parse::<usize>(), last.parse::<usize>()),
        None => (Ok(1), range.parse()),
    };
    match bounds {
        (Ok(first), Ok(last)) => last.saturating_add(1).saturating_sub(first),
        _ => 2,
    }
}

#[cfg(test)]
mod tests;
