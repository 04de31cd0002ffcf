//! Parses the settings of a section, or of `defaults`, for sessions and checks; judges nothing.

use std::time::Duration;

use super::address::Address;
use super::check::{CheckKind, Expect, Step};
use super::condition::{Acl, Condition};
use super::sections::{Line, Section, SectionKind};
use super::server::{ServerLine, ServerParameters, WrittenValue};
use super::time::time;
use crate::tools::lint::FileLine;

/// A `frontend`, `backend` or `listen` section.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    pub(super) place: FileLine,
    pub(super) binds: Vec<Address>,
    pub(super) servers: Vec<ServerLine>,
    pub(super) settings: ProxySettings,
}

/// The settings that can also be in `defaults`.
#[derive(Clone, Debug, Default)]
pub(super) struct ProxySettings {
    pub(super) mode: Mode,
    pub(super) timeouts: Timeouts,
    pub(super) check: CheckKind,
    pub(super) tcp_steps: Steps,
    pub(super) http_steps: Steps,
    pub(super) servers: ServerParameters,
    pub(super) state_file: StateFile,
    pub(super) balance: String,
    pub(super) backups: Backups,
    pub(super) acls: Vec<Acl>,
    /// The `tcp-request` rules, in the order of the file.
    pub(super) requests: Vec<RequestRule>,
    pub(super) routes: Vec<Route>,
    /// The `default_backend`, which takes the sessions that no route takes, wherever its line is.
    pub(super) default_route: Option<String>,
    pub(super) disabled: bool,
    /// `http-check disable-on-404`.
    pub(super) drains_on_404: bool,
    /// `force-persist` and `option persist`: sessions reach a server that is down.
    pub(super) persists: Vec<FileLine>,
    /// Whether there is a `use-server` rule.
    pub(super) chooses_servers: bool,
    /// The names of the `filter bwlim-in` filters.
    pub(super) limits: Vec<String>,
    /// The names that `tcp-request content set-bandwidth-limit` applies to every session.
    pub(super) limited_by: Vec<String>,
}

/// The mode of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
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
pub(super) enum StateFile {
    #[default]
    None,
    Read,
}

/// Which backups get sessions when no other server is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Backups {
    #[default]
    First,
    All,
}

/// Timeouts. The inner value is `None` if a timeout is set and cannot be parsed.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeouts {
    pub(super) check: Option<WrittenValue<Option<Duration>>>,
    pub(super) client: Option<WrittenValue<Option<Duration>>>,
    pub(super) server: Option<WrittenValue<Option<Duration>>>,
    pub(super) tunnel: Option<WrittenValue<Option<Duration>>>,
}

/// The steps of a check. A section's own steps replace those that it inherits.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    pub(super) list: Vec<Step>,
    inherited: bool,
}

/// A `use_backend` rule.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) target: String,
    pub(super) condition: Condition,
}

/// A rule that accepts or rejects a session.
#[derive(Clone, Debug)]
pub(super) struct RequestRule {
    pub(super) layer: Layer,
    pub(super) verdict: Passes,
    pub(super) condition: Condition,
}

/// The layer of a rule. The layers are evaluated one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Connection,
    Session,
    Content,
}

/// The action of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passes {
    /// No further rule of the layer is evaluated.
    Accepted,
    Rejected,
}

impl Layer {
    pub(super) const ALL: [Self; 3] = [Self::Connection, Self::Session, Self::Content];
}

impl RequestRule {
    fn read(layer: &str, action: &str, rest: &[&str]) -> Option<Self> {
        let layer = match layer {
            "connection" => Layer::Connection,
            "session" => Layer::Session,
            "content" => Layer::Content,
            _ => return None,
        };
        let verdict = match action {
            "accept" => Passes::Accepted,
            "reject" | "silent-drop" => Passes::Rejected,
            _ => return None,
        };
        Some(Self {
            layer,
            verdict,
            condition: Condition::read(rest),
        })
    }
}

impl Route {
    /// Whether sessions can go to a section by this route. A computed target can be any section, unless it is a
    /// constant text.
    pub(super) fn can_lead_to(&self, name: &str) -> bool {
        let text = self.target.strip_prefix("%[str(");
        let text = text.and_then(|text| text.strip_suffix(")]"));
        text.unwrap_or(&self.target) == name || (text.is_none() && self.is_computed())
    }

    /// Whether its target is computed for each session.
    pub(super) fn is_computed(&self) -> bool {
        self.target.contains("%[")
    }
}

impl Steps {
    fn add(&mut self, line: &Line) {
        if self.inherited {
            *self = Self::default();
        }
        self.list.push(Step::read(line));
    }
}

impl ProxySettings {
    /// The settings with which a section begins.
    pub(super) fn inherited(&self) -> Self {
        let mut settings = self.clone();
        settings.tcp_steps.inherited = true;
        settings.http_steps.inherited = true;
        settings
    }

    /// Reads a line; lines that do not matter here are ignored.
    pub(super) fn read(&mut self, line: &Line) {
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["mode", "tcp", ..] => self.mode = Mode::Tcp,
            ["mode", "http", ..] => self.mode = Mode::Http,
            ["mode", ..] => self.mode = Mode::Other,
            ["timeout", which, value, ..] => self.timeouts.read(which, value, &line.place),
            ["clitimeout", value, ..] => self.timeouts.read("client", value, &line.place),
            ["srvtimeout", value, ..] => self.timeouts.read("server", value, &line.place),
            ["option", "persist"] | ["force-persist", ..] => {
                self.persists.push(line.place.clone());
            }
            ["option", "allbackups", ..] => self.backups = Backups::All,
            ["no", "option", "persist"] => self.persists.clear(),
            ["no", "option", "allbackups", ..] => self.backups = Backups::First,
            ["option", option @ ..] => {
                if let Some(check) = CheckKind::read(option) {
                    self.check = check;
                }
            }
            ["no", "option", option @ ..] if CheckKind::read(option).is_some() => {
                self.check = CheckKind::default();
            }
            ["http-check", "disable-on-404", ..] => self.drains_on_404 = true,
            ["use-server", ..] => self.chooses_servers = true,
            ["tcp-check", ..] => self.tcp_steps.add(line),
            ["http-check", ..] => self.http_steps.add(line),
            ["default-server", rest @ ..] => {
                self.servers.read(rest.iter().copied(), &line.place);
            }
            ["load-server-state-from-file", "none", ..] => self.state_file = StateFile::None,
            ["load-server-state-from-file", ..] => self.state_file = StateFile::Read,
            ["balance", algorithm, ..] => (*algorithm).clone_into(&mut self.balance),
            ["acl", name, criterion @ ..] => self.acls.push(Acl::new(name, criterion)),
            ["filter", "bwlim-in", name, ..] => self.limits.push((*name).to_owned()),
            [
                "tcp-request",
                "content",
                "set-bandwidth-limit",
                name,
                rest @ ..,
            ] if self.reaches_every_session(rest) => self.limited_by.push((*name).to_owned()),
            ["tcp-request", layer, action, rest @ ..] => {
                self.requests.extend(RequestRule::read(layer, action, rest));
            }
            ["use_backend", target, rest @ ..] => self.routes.push(Route {
                target: (*target).to_owned(),
                condition: Condition::read(rest),
            }),
            ["default_backend", target, ..] => self.default_route = Some((*target).to_owned()),
            ["disabled"] => self.disabled = true,
            ["enabled"] => self.disabled = false,
            _ => {}
        }
    }

    /// Whether a content rule at this place, with these words after its name, applies to every session: it has no
    /// condition, and no rule before it accepts some sessions.
    fn reaches_every_session(&self, words: &[&str]) -> bool {
        let mut before = self.requests.iter();
        !words.iter().any(|word| ["if", "unless"].contains(word))
            && !before.any(|request| {
                (request.layer, request.verdict) == (Layer::Content, Passes::Accepted)
            })
    }

    /// Whether a filter applies to the data that every client sends.
    pub(super) fn filters_requests(&self) -> bool {
        let mut limited = self.limited_by.iter();
        limited.any(|name| self.limits.contains(name))
    }

    /// Whether some sessions can go to a section.
    pub(super) fn leads_to(&self, name: &str) -> bool {
        let mut routes = self.routes.iter();
        routes.any(|route| route.can_lead_to(name)) || self.default_route.as_deref() == Some(name)
    }

    /// Whether the check evaluates an answer.
    pub(super) fn expects(&self) -> bool {
        let mut steps = self.steps().iter();
        steps.any(|step| matches!(step, Step::Expect(_)))
    }

    /// The last expectation of the check.
    pub(super) fn expectation(&self) -> Option<&Expect> {
        let steps = self.steps().iter().rev();
        let mut expected = steps.filter_map(|step| match step {
            Step::Expect(expect) => Some(expect),
            Step::Connect(_) | Step::Send(_) | Step::Other => None,
        });
        expected.next()
    }

    /// The steps of the selected kind of check.
    pub(super) fn steps(&self) -> &[Step] {
        match &self.check {
            CheckKind::Tcp => &self.tcp_steps.list,
            CheckKind::Http(_) => &self.http_steps.list,
            CheckKind::Connect
            | CheckKind::Postgres(_)
            | CheckKind::External
            | CheckKind::Foreign => &[],
        }
    }
}

impl Timeouts {
    fn read(&mut self, which: &str, value: &str, place: &FileLine) {
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

impl Proxy {
    /// Reads a section that inherits these settings.
    pub(super) fn read(section: &Section, defaults: &ProxySettings) -> Self {
        let mut proxy = Self {
            kind: section.kind,
            name: section.name.clone(),
            place: section.place.clone(),
            binds: section
                .bind
                .iter()
                .map(|bind| Address::read(bind))
                .collect(),
            servers: Vec::new(),
            settings: defaults.inherited(),
        };
        for line in &section.lines {
            match line.words.first().map(String::as_str) {
                Some("server" | "server-template") => {
                    let server = ServerLine::read(line, &proxy.settings.servers);
                    proxy.servers.extend(server);
                }
                Some("bind") => {
                    let addresses = line.words.get(1).into_iter();
                    let addresses = addresses.flat_map(|addresses| addresses.split(','));
                    proxy.binds.extend(addresses.map(Address::read));
                }
                _ => proxy.settings.read(line),
            }
        }
        proxy
    }
}
