//! What a request wants, before anybody is asked; and the answer, after.

use super::json::dumps;
use super::limits::{Limits, Replicating};
use super::path::Wanted;
use super::{Facts, Reply, judge, patroni, state};
use crate::answer::line::line;
use crate::answer::metrics::{Exposition, Metrics};
use crate::config::{Dialect, HttpOptions, Strictness};
use crate::health::Verdict;

/// What a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    subject: Subject,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    /// One of Patroni's paths.
    Health(Wanted, Limits, Strictness),
    /// `/` of the scripts behind xinetd.
    Script,
    /// A probe of `CloudNativePG`.
    Probe(Probe),
    /// `/state`.
    State,
    /// `/metrics`.
    Metrics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    Live,
    Ready,
    Started,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// GET.
    Full,
    /// HEAD and OPTIONS, which load balancers send for the status alone.
    Status,
}

/// How much must be known of the server to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The verdict alone.
    Verdict,
    /// A standby's figures.
    Figures,
    /// Whether its primary waits for it as well.
    Sync,
    /// Everything.
    Details,
}

/// Reads a request; the error is the answer to what is none.
pub fn plan(method: &str, path: &str, query: &str, manners: HttpOptions) -> Result<Plan, Reply> {
    let form = match method {
        "GET" => Form::Full,
        "HEAD" | "OPTIONS" => Form::Status,
        _ => {
            return Err(Reply::text(
                405,
                "this port changes nothing: GET, HEAD, OPTIONS\n",
            ));
        }
    };
    let subject = subject(path, query, form, manners)?;
    Ok(Plan { subject, form })
}

fn subject(path: &str, query: &str, form: Form, manners: HttpOptions) -> Result<Subject, Reply> {
    match (manners.dialect, path) {
        (_, "/state") => return Ok(Subject::State),
        (_, "/metrics") => return Ok(Subject::Metrics),
        (Dialect::Xinetd, "/") => return Ok(Subject::Script),
        (Dialect::Cnpg, "/healthz") => return Ok(Subject::Probe(Probe::Live)),
        (Dialect::Cnpg, "/readyz") => return Ok(Subject::Probe(Probe::Ready)),
        (Dialect::Cnpg, "/startupz") => return Ok(Subject::Probe(Probe::Started)),
        (Dialect::Patroni | Dialect::Xinetd | Dialect::Cnpg, _) => {}
    }
    let strictness = manners.strictness;
    let wanted = Wanted::of(path, strictness, form == Form::Full)
        .ok_or_else(|| Reply::text(404, "there is no such path\n"))?;
    let limits = Limits::read(query, strictness).map_err(|_| {
        let hint = "lag must be a number of bytes, or a number with B, kB, MB, GB or TB\n";
        Reply::text(400, hint)
    })?;
    Ok(Subject::Health(wanted, limits, strictness))
}

impl Plan {
    /// How much must be known to answer.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let status_only = self.form == Form::Status;
        match &self.subject {
            Subject::Script | Subject::Probe(_) | Subject::Health(Wanted::Liveness, _, _) => {
                Needs::Verdict
            }
            Subject::Health(Wanted::Readiness, _, _) => Needs::Figures,
            Subject::Health(wanted, limits, _) if status_only => {
                match (limits.replication, limits.lag) {
                    (Some(Replicating::FromArchive), _) => Needs::Details,
                    _ if wanted.is_of_sync() => Needs::Sync,
                    (Some(_), _) | (None, Some(_)) => Needs::Figures,
                    (None, None) => Needs::Verdict,
                }
            }
            Subject::State | Subject::Metrics if status_only => Needs::Verdict,
            Subject::Health(_, _, _) | Subject::State | Subject::Metrics => Needs::Details,
        }
    }

    /// Whether the answer is a document that another daemon may ask to be proven.
    #[must_use]
    pub fn is_state(&self) -> bool {
        self.subject == Subject::State && self.form == Form::Full
    }

    /// Whether the answer shows more of the server than whether it has a role.
    #[must_use]
    pub fn is_document(&self) -> bool {
        match self.subject {
            Subject::State | Subject::Metrics => true,
            Subject::Health(_, _, _) | Subject::Script | Subject::Probe(_) => false,
        }
    }

    /// Whether somebody is sent to the server, or not, by the answer; the others only show what is known,
    /// to other nodes' daemons among them.
    #[must_use]
    pub fn tells_a_role(&self) -> bool {
        match self.subject {
            Subject::Health(_, _, _) | Subject::Script | Subject::Probe(_) => true,
            Subject::State | Subject::Metrics => false,
        }
    }

    /// The answer.
    #[must_use]
    pub fn reply(&self, facts: &Facts<'_>, metrics: &Metrics, metrics_as: Exposition) -> Reply {
        let status = self.status(facts);
        // Writing a document for nobody costs more than the rest of the answer.
        match self.form {
            Form::Status => Reply::bare(status),
            Form::Full => self.full(status, facts, metrics, metrics_as),
        }
    }

    fn status(&self, facts: &Facts<'_>) -> u16 {
        match &self.subject {
            Subject::Health(wanted, limits, strictness) => {
                if judge::is(*wanted, limits, *strictness, facts) {
                    200
                } else {
                    503
                }
            }
            Subject::Script => script(facts.verdict),
            Subject::Probe(probe) => self::probe(*probe, facts.verdict),
            Subject::State | Subject::Metrics => 200,
        }
    }

    fn full(
        &self,
        status: u16,
        facts: &Facts<'_>,
        metrics: &Metrics,
        metrics_as: Exposition,
    ) -> Reply {
        match &self.subject {
            Subject::Health(wanted, _, _) => document(*wanted, status, facts),
            Subject::Probe(_) if status == 200 => Reply::text(status, "OK"),
            Subject::Script | Subject::Probe(_) => Reply::text(status, said(facts)),
            Subject::State => Reply::json(status, format!("{:#}\n", state::document(facts))),
            Subject::Metrics => Reply {
                status,
                content_type: metrics_as.form.content_type(),
                body: metrics.text(facts, metrics_as),
            },
        }
    }
}

fn document(wanted: Wanted, status: u16, facts: &Facts<'_>) -> Reply {
    match wanted {
        Wanted::Liveness | Wanted::Readiness => Reply::bare(status),
        Wanted::Primary
        | Wanted::StandbyLeader
        | Wanted::Replica
        | Wanted::ReadOnly
        | Wanted::Sync
        | Wanted::ReadOnlySync
        | Wanted::Quorum
        | Wanted::ReadOnlyQuorum
        | Wanted::Async
        | Wanted::Health
        | Wanted::Document
        | Wanted::Nothing => {
            let another = judge::another(wanted, facts);
            Reply::json(status, dumps(&patroni::document(facts, another)))
        }
    }
}

fn script(verdict: Verdict) -> u16 {
    match verdict {
        Verdict::Production => 200,
        Verdict::Standby => 206,
        Verdict::Lagging(_) | Verdict::Down(_) => 503,
    }
}

fn probe(probe: Probe, verdict: Verdict) -> u16 {
    match (probe, verdict) {
        (Probe::Live, _)
        | (Probe::Ready | Probe::Started, Verdict::Production | Verdict::Standby)
        | (Probe::Started, Verdict::Lagging(_)) => 200,
        (Probe::Ready, Verdict::Lagging(_)) | (Probe::Ready | Probe::Started, Verdict::Down(_)) => {
            500
        }
    }
}

/// The line of the state port.
fn said(facts: &Facts<'_>) -> String {
    line(facts.verdict, facts.words)
}
