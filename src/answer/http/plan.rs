//! Parses a request before the server is asked, and composes the response afterwards.

use hyper::Uri;

use super::limits::{QueryLimits, Replicating};
use super::path::Wanted;
use super::{Facts, Reply, judge, patroni, state};
use crate::answer::metrics::{Exposition, Metrics};
use crate::answer::state_port::line;
use crate::base::json::{line_by_line, on_one_line};
use crate::config::{Dialect, HttpOptions, Strictness};
use crate::health::{Depth, Verdict};

/// A parsed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPlan {
    subject: RequestSubject,
    form: DocumentForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RequestSubject {
    /// One of Patroni's paths.
    Health(Wanted, QueryLimits, Strictness),
    /// `/` as answered by check scripts behind xinetd.
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
enum DocumentForm {
    /// GET.
    Full,
    /// HEAD and OPTIONS, which load balancers send for the status alone.
    Status,
}

/// Parses a request by the method and the target of its first line; the error is the response to an invalid one.
pub fn plan_of(method: &str, target: &Uri, options: HttpOptions) -> Result<RequestPlan, Reply> {
    let query = target.query().unwrap_or_default();
    plan(method, target.path(), query, options)
}

/// Parses a request; the error is the response to an invalid one.
pub fn plan(
    method: &str,
    path: &str,
    query: &str,
    options: HttpOptions,
) -> Result<RequestPlan, Reply> {
    let form = match method {
        "GET" => DocumentForm::Full,
        "HEAD" | "OPTIONS" => DocumentForm::Status,
        _ => {
            return Err(Reply::text(
                405,
                "this port changes nothing: GET, HEAD, OPTIONS\n",
            ));
        }
    };
    let subject = subject(path, query, form, options)?;
    Ok(RequestPlan { subject, form })
}

fn subject(
    path: &str,
    query: &str,
    form: DocumentForm,
    options: HttpOptions,
) -> Result<RequestSubject, Reply> {
    match (options.dialect, path) {
        (_, "/state") => return Ok(RequestSubject::State),
        (_, "/metrics") => return Ok(RequestSubject::Metrics),
        (Dialect::Xinetd, "/") => return Ok(RequestSubject::Script),
        (Dialect::Cnpg, "/healthz") => return Ok(RequestSubject::Probe(Probe::Live)),
        (Dialect::Cnpg, "/readyz") => return Ok(RequestSubject::Probe(Probe::Ready)),
        (Dialect::Cnpg, "/startupz") => return Ok(RequestSubject::Probe(Probe::Started)),
        (Dialect::Patroni | Dialect::Xinetd | Dialect::Cnpg, _) => {}
    }
    let strictness = options.strictness;
    let wanted = Wanted::of(path, strictness, form == DocumentForm::Full)
        .ok_or_else(|| Reply::text(404, "there is no such path\n"))?;
    let limits = QueryLimits::read(query, strictness).map_err(|_| {
        let hint = "lag must be a number of bytes, or a number with B, kB, MB, GB or TB\n";
        Reply::text(400, hint)
    })?;
    Ok(RequestSubject::Health(wanted, limits, strictness))
}

impl RequestPlan {
    /// The response to the question whether the daemon is alive, for which nothing has to be known of the server.
    #[must_use]
    pub fn reply_of_the_living(&self) -> Option<Reply> {
        match (&self.subject, self.form) {
            (RequestSubject::Health(Wanted::Liveness, _, _), _)
            | (RequestSubject::Probe(Probe::Live), DocumentForm::Status) => Some(Reply::bare(200)),
            (RequestSubject::Probe(Probe::Live), DocumentForm::Full) => {
                Some(Reply::text(200, "OK"))
            }
            (
                RequestSubject::Health(_, _, _)
                | RequestSubject::Script
                | RequestSubject::Probe(Probe::Ready | Probe::Started)
                | RequestSubject::State
                | RequestSubject::Metrics,
                _,
            ) => None,
        }
    }

    /// How much must be known of the server for the response.
    #[must_use]
    pub fn depth(&self) -> Depth {
        let status_only = self.form == DocumentForm::Status;
        match &self.subject {
            RequestSubject::Script
            | RequestSubject::Probe(_)
            | RequestSubject::Health(Wanted::Liveness, _, _) => Depth::Verdict,
            RequestSubject::Health(Wanted::Readiness, _, _) => Depth::Figures,
            RequestSubject::Health(wanted, limits, _) if status_only => {
                match (limits.replication, limits.lag) {
                    (Some(Replicating::FromArchive), _) => Depth::Details,
                    _ if wanted.is_of_sync() => Depth::Sync,
                    (Some(_), _) | (None, Some(_)) => Depth::Figures,
                    (None, None) => Depth::Verdict,
                }
            }
            RequestSubject::State | RequestSubject::Metrics if status_only => Depth::Verdict,
            RequestSubject::Health(_, _, _) | RequestSubject::State | RequestSubject::Metrics => {
                Depth::Details
            }
        }
    }

    /// Whether the response is the document `/state`, for which another daemon may request a proof.
    #[must_use]
    pub fn is_state(&self) -> bool {
        self.subject == RequestSubject::State && self.form == DocumentForm::Full
    }

    /// Whether the response shows more of the server than its role.
    #[must_use]
    pub fn is_document(&self) -> bool {
        match self.subject {
            RequestSubject::State | RequestSubject::Metrics => true,
            RequestSubject::Health(_, _, _) | RequestSubject::Script | RequestSubject::Probe(_) => {
                false
            }
        }
    }

    /// Whether clients are routed by the response. The other responses only show facts, also to other
    /// nodes' daemons.
    #[must_use]
    pub fn tells_a_role(&self) -> bool {
        match self.subject {
            RequestSubject::Health(_, _, _) | RequestSubject::Script | RequestSubject::Probe(_) => {
                true
            }
            RequestSubject::State | RequestSubject::Metrics => false,
        }
    }

    /// Composes the response.
    #[must_use]
    pub fn reply(&self, facts: &Facts<'_>, metrics: &Metrics, metrics_as: Exposition) -> Reply {
        let status = self.status(facts);
        // To write a document that is not sent would cost more than the rest of the response.
        match self.form {
            DocumentForm::Status => Reply::bare(status),
            DocumentForm::Full => self.full(status, facts, metrics, metrics_as),
        }
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self, facts: &Facts<'_>) -> u16 {
        match &self.subject {
            RequestSubject::Health(wanted, limits, strictness) => {
                if judge::meets(*wanted, limits, *strictness, facts) {
                    200
                } else {
                    503
                }
            }
            RequestSubject::Script => script_status(facts.verdict),
            RequestSubject::Probe(probe) => probe_status(*probe, facts.verdict),
            RequestSubject::State | RequestSubject::Metrics => 200,
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
            RequestSubject::Health(wanted, _, _) => document(*wanted, status, facts),
            RequestSubject::Probe(_) if status == 200 => Reply::text(status, "OK"),
            RequestSubject::Script | RequestSubject::Probe(_) => {
                Reply::text(status, state_line(facts))
            }
            RequestSubject::State => Reply::json(status, line_by_line(&state::document(facts))),
            RequestSubject::Metrics => Reply {
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
            let sync_reason = judge::sync_reason(wanted, facts);
            Reply::json(status, on_one_line(&patroni::document(facts, sync_reason)))
        }
    }
}

fn script_status(verdict: Verdict) -> u16 {
    match verdict {
        Verdict::Production => 200,
        Verdict::Standby => 206,
        Verdict::Lagging(_) | Verdict::Down(_) => 503,
    }
}

fn probe_status(probe: Probe, verdict: Verdict) -> u16 {
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
fn state_line(facts: &Facts<'_>) -> String {
    line(facts.verdict, facts.words)
}
