//! Answers one HTTP request, from a question sent to PostgreSQL after the request arrived. Does not know what paths mean.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT, ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE,
};
use hyper::{Request, Response, StatusCode};

use super::HttpPort;
use crate::admit::peer_proof::{NONCE_HEADER, PROOF_HEADER};
use crate::admit::{ClientTrust, Nonce, Token};
use crate::answer::http::{Facts, Reply, plan_of};
use crate::answer::metrics::{Exposition, MetricsFormat};
use crate::config::Documents;
use crate::daemon::observe::{ObservationRequest, Observer};
use crate::health::Depth;

impl HttpPort {
    /// Answers one request of a client that is connected to this host's address `at`.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        trust: ClientTrust,
        at: SocketAddr,
        observer: &mut Observer,
    ) -> Response<Full<Bytes>> {
        let options = Arc::clone(&self.options.borrow());
        if let Some(token) = &options.token
            && !shows(request.headers(), token)
        {
            self.meter.refused("token");
            return response(Reply::unauthorized());
        }
        let mut nonce = None;
        let reply = match plan_of(request.method().as_str(), request.uri(), options.http) {
            Err(reply) => {
                self.meter.refused(match reply.status {
                    404 => "path",
                    405 => "method",
                    _ => "parameter",
                });
                reply
            }
            Ok(plan) if plan.is_document() && !may_read(trust, options.http.documents) => {
                self.meter.refused("document");
                Reply::forbidden()
            }
            Ok(plan) => {
                let arrived = Instant::now();
                // A supervisor must not end a daemon because its server hangs.
                if let Some(reply) = plan.reply_of_the_living() {
                    self.meter.alive();
                    return response(reply);
                }
                if plan.is_state() {
                    let asked = request.headers().get(NONCE_HEADER);
                    nonce = asked.and_then(|asked| Nonce::parse(asked.as_bytes()));
                }
                if plan.tells_a_role() {
                    observer.prepared().await;
                }
                let wanted = ObservationRequest {
                    arrived,
                    max_age: options.max_age,
                    timeout: options.timeout,
                };
                let seen = match plan.depth() {
                    Depth::Verdict => observer.ask(wanted).await,
                    deeper @ (Depth::Figures | Depth::Sync | Depth::Details) => {
                        observer.ask_for(deeper, wanted).await
                    }
                };
                self.meter.answered(seen.verdict, 1);
                self.meter.waited(arrived.elapsed());
                let facts = Facts {
                    verdict: seen.verdict,
                    state: &seen.state,
                    delay: seen.delay,
                    transactions: seen.transactions,
                    ordered: seen.ordered,
                    quorum: seen.quorum,
                    rival: seen
                        .rival
                        .as_ref()
                        .map(|rival| (rival, rival.heard.elapsed())),
                    sync: seen.sync,
                    contacts: &seen.contacts,
                    details: seen.details.as_deref(),
                    age: seen.asked_at.elapsed(),
                    uptime: self.begun.elapsed(),
                    words: &options.words,
                };
                let accept = request.headers().get(ACCEPT);
                let accept = accept.and_then(|accept| accept.to_str().ok());
                let metrics_as = Exposition {
                    form: MetricsFormat::accepted(accept.unwrap_or_default()),
                    names: options.metric_names,
                };
                plan.reply(&facts, &self.metrics, metrics_as)
            }
        };
        let proof = match (&options.keys, nonce) {
            (Some(keys), Some(nonce)) => Some(keys.prove(nonce, at, reply.body.as_bytes())),
            (Some(_) | None, _) => None,
        };
        let mut response = response(reply);
        if let Some(proof) = proof.and_then(|proof| HeaderValue::try_from(proof).ok()) {
            response.headers_mut().insert(PROOF_HEADER, proof);
        }
        response
    }
}

/// Whether a client may read documents, which show more than a role.
fn may_read(trust: ClientTrust, documents: Documents) -> bool {
    match (documents, trust) {
        (Documents::ForAll, _) | (Documents::ForTrusted, ClientTrust::Trusted) => true,
        (Documents::ForTrusted, ClientTrust::Untrusted | ClientTrust::Refused(_)) => false,
    }
}

/// Whether the request carries the token; the name of the scheme is case-insensitive (RFC 9110, section 11.1).
fn shows(headers: &HeaderMap, token: &Token) -> bool {
    const SCHEME: &[u8] = b"bearer ";
    let field = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let parts = field.and_then(|field| field.split_at_checked(SCHEME.len()));
    parts.is_some_and(|(scheme, credentials)| {
        scheme.eq_ignore_ascii_case(SCHEME) && token.is(credentials.trim_ascii())
    })
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = Response::new(Full::from(reply.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !reply.content_type.is_empty() {
        let content_type = HeaderValue::from_static(reply.content_type);
        headers.insert(CONTENT_TYPE, content_type);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    }
    response
}
