//! Parses the settings of a section, or of `defaults`, for sessions and checks; judges nothing.
//!
//! - `values`: the values of single settings.

mod values;

use std::collections::BTreeSet;

use super::check::{CheckKind, Expect, Step, Steps};
use super::condition::{Acls, Condition};
use super::sections::Line;
use super::server::{ServerParameters, WrittenValue};
use super::session_rules::{
    Layer, Passes, Request, RequestRule, Route, ServerChoice, is_unresolved,
};
use crate::tools::lint::FileLine;
pub(super) use values::{Backups, Mode, StateFile, Timeouts};

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
    /// Empty if no algorithm is set.
    pub(super) balance: String,
    pub(super) backups: Backups,
    pub(super) acls: Acls,
    /// The `tcp-request` rules, in the order of the file.
    pub(super) requests: Vec<RequestRule>,
    /// The `tcp-request` lines of which nothing is known.
    pub(super) unknown_requests: Vec<String>,
    pub(super) routes: Vec<Route>,
    /// The `default_backend`, which takes the sessions that no route takes, wherever its line is.
    pub(super) default_route: Option<WrittenValue<String>>,
    pub(super) disabled: bool,
    /// `http-check disable-on-404`.
    pub(super) drains_on_404: bool,
    /// `force-persist` and `option persist`: sessions reach a server that is down.
    pub(super) persists: Vec<FileLine>,
    /// The `use-server` rules.
    pub(super) choices: Vec<ServerChoice>,
    /// Lines that bind a client's sessions to the server of an earlier one.
    pub(super) sticks: Vec<FileLine>,
    /// `dispatch`, `option transparent` and `option http_proxy`: sessions go to an address that is no server's.
    pub(super) past_servers: Option<WrittenValue<String>>,
    /// The lines that a variable decides about, as they are written.
    pub(super) variables: Vec<String>,
    /// The names of the `filter bwlim-in` filters.
    pub(super) limits: Vec<String>,
    /// The names that `tcp-request content set-bandwidth-limit` applies to every session.
    pub(super) limited_by: Vec<String>,
}

impl ProxySettings {
    /// The settings with which a section begins.
    pub(super) fn inherited(&self) -> Self {
        let mut inherited = Self {
            tcp_steps: self.tcp_steps.inherited(),
            http_steps: self.http_steps.inherited(),
            acls: self.acls.inherited(),
            ..self.clone()
        };
        for rule in &mut inherited.requests {
            rule.condition.inherit();
        }
        inherited
    }

    /// Reads a line; lines that do not matter here are ignored.
    pub(super) fn read(&mut self, line: &Line) {
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        let place = || line.place.clone();
        if let ["mode" | "balance" | "option", value, ..] = words.as_slice()
            && value.contains("${")
        {
            self.variables.push(words.join(" "));
            return;
        }
        match words.as_slice() {
            ["mode", "tcp", ..] => self.mode = Mode::Tcp,
            ["mode", "http", ..] => self.mode = Mode::Http,
            ["mode", ..] => self.mode = Mode::Other,
            ["timeout", which, value, ..] => self.timeouts.read(which, value, &line.place),
            ["clitimeout", value, ..] => self.timeouts.read("client", value, &line.place),
            ["srvtimeout", value, ..] => self.timeouts.read("server", value, &line.place),
            ["option", "persist"] | ["force-persist", ..] => self.persists.push(place()),
            ["option", "allbackups", ..] => self.backups = Backups::All,
            ["no", "option", "persist"] => self.persists.clear(),
            ["no", "option", "allbackups", ..] => self.backups = Backups::First,
            ["option", how @ ("transparent" | "http_proxy"), ..] | [how @ "transparent"] => {
                self.past_servers = Some(WrittenValue::at(&line.place, (*how).to_owned()));
            }
            ["no", "option", "transparent" | "http_proxy", ..] => self.past_servers = None,
            ["dispatch", address, ..] => {
                self.past_servers = Some(WrittenValue::at(&line.place, (*address).to_owned()));
            }
            ["option", option @ ..] => self.option(option),
            ["no", "option", option @ ..] if CheckKind::read(option).is_some() => {
                self.check = CheckKind::default();
            }
            ["http-check", "disable-on-404", ..] => self.drains_on_404 = true,
            ["use-server", server, ..] => self.choices.push(ServerChoice {
                server: (*server).to_owned(),
                place: place(),
            }),
            ["stick", "on" | "match", ..] | ["persist", ..] => self.sticks.push(place()),
            ["tcp-check", ..] => self.tcp_steps.add(Step::read(line)),
            ["http-check", ..] => self.http_steps.add(Step::read(line)),
            ["default-server", rest @ ..] => {
                self.servers.read(rest.iter().copied(), &line.place);
            }
            ["load-server-state-from-file", "none", ..] => self.state_file = StateFile::None,
            ["load-server-state-from-file", ..] => self.state_file = StateFile::Read,
            ["balance", algorithm, ..] => (*algorithm).clone_into(&mut self.balance),
            ["acl", name, criterion @ ..] => self.acls.add(name, criterion),
            ["filter", "bwlim-in", name, ..] => self.limits.push((*name).to_owned()),
            [
                "tcp-request",
                "content",
                "set-bandwidth-limit",
                name,
                rest @ ..,
            ] if self.reaches_every_session(rest) => self.limited_by.push((*name).to_owned()),
            ["tcp-request", request @ ..] => match Request::read(request) {
                Request::Rule(rule) => self.requests.push(rule),
                Request::Harmless => {}
                Request::Unknown(said) => self.unknown_requests.push(said),
            },
            ["use_backend", target, rest @ ..] => self.routes.push(Route {
                target: (*target).to_owned(),
                condition: Condition::read(rest),
                place: place(),
            }),
            ["default_backend", target, ..] => {
                let target = (*target).to_owned();
                self.default_route = Some(WrittenValue::at(&line.place, target));
            }
            ["disabled"] => self.disabled = true,
            ["enabled"] => self.disabled = false,
            _ => {}
        }
    }

    fn option(&mut self, words: &[&str]) {
        let Some(check) = CheckKind::read(words) else {
            return;
        };
        if check == CheckKind::Http {
            self.http_steps.option(words.get(1..).unwrap_or_default());
        }
        self.check = check;
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

    /// How many words the rules for sessions have, with those of the ACLs that they name.
    pub(super) fn rule_steps(&self) -> u64 {
        let steps = self
            .conditions()
            .map(|condition| condition.steps(&self.acls));
        steps.fold(0, u64::saturating_add)
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let requests = self.requests.iter().map(|rule| &rule.condition);
        let routes = self.routes.iter().map(|route| &route.condition);
        requests.chain(routes)
    }

    /// Whether some sessions can go to a section.
    pub(super) fn leads_to(&self, name: &str) -> bool {
        let mut routes = self.routes.iter();
        routes.any(|route| route.can_lead_to(name) || is_unresolved(&route.target))
            || self
                .default_target()
                .is_some_and(|default| default == name || is_unresolved(default))
    }

    /// The sections to which some sessions can go; `None` stands for any.
    pub(super) fn targets(&self) -> impl Iterator<Item = Option<&str>> {
        let routes = self.routes.iter().map(Route::goal);
        let default = self.default_target();
        routes.chain(default.map(|default| (!is_unresolved(default)).then_some(default)))
    }

    /// The first target of which the name is not known from the file.
    pub(super) fn open_target(&self) -> Option<&str> {
        let mut routes = self.routes.iter();
        let route = routes.find(|route| route.is_open());
        let default = || {
            self.default_target()
                .filter(|default| is_unresolved(default))
        };
        route.map(|route| route.target.as_str()).or_else(default)
    }

    /// The sections whose servers the rules for sessions count, if their own section is `here`.
    pub(super) fn counted<'s>(&'s self, here: &'s str) -> BTreeSet<&'s str> {
        self.conditions()
            .flat_map(|condition| condition.counts(here, &self.acls))
            .collect()
    }

    /// The section of `default_backend`.
    pub(super) fn default_target(&self) -> Option<&str> {
        let target = self.default_route.as_ref()?;
        Some(&target.value)
    }

    /// Where sessions go past the servers. An algorithm of `balance` prevails over it.
    pub(super) fn past_servers(&self) -> Option<&WrittenValue<String>> {
        let past = self.past_servers.as_ref();
        past.filter(|_| self.balance.is_empty())
    }

    /// Whether the check evaluates an answer.
    pub(super) fn expects(&self) -> bool {
        self.expectation().is_some()
    }

    /// The last expectation of the check.
    pub(super) fn expectation(&self) -> Option<&Expect> {
        let steps = self.steps()?.list.iter().rev();
        let mut expected = steps.filter_map(|step| match step {
            Step::Expect(expect) => Some(expect),
            Step::Connect(_) | Step::Send(_) | Step::Other => None,
        });
        expected.next()
    }

    /// The steps of the selected kind of check.
    pub(super) fn steps(&self) -> Option<&Steps> {
        match &self.check {
            CheckKind::Tcp => Some(&self.tcp_steps),
            CheckKind::Http => Some(&self.http_steps),
            CheckKind::Connect
            | CheckKind::Postgres(_)
            | CheckKind::External
            | CheckKind::Foreign => None,
        }
    }
}
