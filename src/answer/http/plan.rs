//! What a request wants, before anybody is asked; and the answer, after.

use super::json::dumps;
use super::limits::{Limits, Replicating};
use super::path::Wanted;
use super::{Dialect, Facts, Manners, Reply, Strictness, judge, patroni, state};
use crate::answer::line::line;
use crate::answer::metrics::{Exposition, Metrics};
use crate::role::Verdict;

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
pub fn plan(method: &str, path: &str, query: &str, manners: Manners) -> Result<Plan, Reply> {
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

fn subject(path: &str, query: &str, form: Form, manners: Manners) -> Result<Subject, Reply> {
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
        let reply = match &self.subject {
            Subject::Health(wanted, limits, strictness) => {
                health(*wanted, limits, *strictness, facts)
            }
            Subject::Script => Reply::text(script(facts.verdict), said(facts)),
            Subject::Probe(probe) => self::probe(*probe, facts),
            Subject::State => Reply::json(200, format!("{:#}\n", state::document(facts))),
            Subject::Metrics => Reply {
                status: 200,
                content_type: metrics_as.form.content_type(),
                body: metrics.text(facts, metrics_as),
            },
        };
        match self.form {
            Form::Full => reply,
            Form::Status => Reply::bare(reply.status),
        }
    }
}

fn health(wanted: Wanted, limits: &Limits, strictness: Strictness, facts: &Facts<'_>) -> Reply {
    let status = if judge::is(wanted, limits, strictness, facts) {
        200
    } else {
        503
    };
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

fn probe(probe: Probe, facts: &Facts<'_>) -> Reply {
    let passes = match (probe, facts.verdict) {
        (Probe::Live, _)
        | (Probe::Ready | Probe::Started, Verdict::Production | Verdict::Standby)
        | (Probe::Started, Verdict::Lagging(_)) => true,
        (Probe::Ready, Verdict::Lagging(_)) | (Probe::Ready | Probe::Started, Verdict::Down(_)) => {
            false
        }
    };
    if passes {
        Reply::text(200, "OK")
    } else {
        Reply::text(500, said(facts))
    }
}

/// The line of the state port.
fn said(facts: &Facts<'_>) -> String {
    line(facts.verdict, facts.words)
}
