//! Authenticates, from the server's demand to `AuthenticationOk` (manual, "Start-up" and "SASL
//! Authentication").

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding as ScramBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use super::error::{AuthProblem, WireError};
use super::messages::Messages;
use crate::postgres::conninfo::{AuthMethod, ChannelBinding, RequireAuth};

/// The role that logs in, and how it may authenticate.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The role.
    pub user: &'a str,
    /// Its password, if there is one.
    pub password: Option<&'a [u8]>,
    /// The methods that the server may demand.
    pub allowed: &'a RequireAuth,
    /// Whether the exchange is bound to the TLS session.
    pub channel_binding: ChannelBinding,
    /// The binding `tls-server-end-point`, if the stream is encrypted and the certificate has
    /// one.
    pub end_point: Option<&'a [u8]>,
}

impl Credentials<'_> {
    fn password(&self) -> Result<&[u8], AuthProblem> {
        self.password.ok_or(AuthProblem::NoPassword)
    }

    /// Checks that the server may demand this method, before anything is sent for it.
    fn may_be(&self, method: AuthMethod, demand: &'static str) -> Result<(), AuthProblem> {
        if self.allowed.allows(method) {
            return Ok(());
        }
        Err(AuthProblem::NotAllowed(demand))
    }

    /// Checks that a method without channel binding is allowed.
    fn may_be_unbound(&self) -> Result<(), AuthProblem> {
        match self.channel_binding {
            ChannelBinding::Disable | ChannelBinding::Prefer => Ok(()),
            ChannelBinding::Require => Err(AuthProblem::NotBound),
        }
    }
}

/// Authenticates as the server demands, until it accepts or refuses.
pub async fn authenticate(
    messages: &mut Messages,
    credentials: &Credentials<'_>,
) -> Result<(), WireError> {
    let unsupported = |method| Err(AuthProblem::Unsupported(method).into());
    match messages.receive_in_login().await {
        Ok(Message::AuthenticationOk) => {
            credentials.may_be(AuthMethod::None, "asks for no password")?;
            return Ok(credentials.may_be_unbound()?);
        }
        Ok(Message::AuthenticationCleartextPassword) => {
            credentials.may_be(AuthMethod::Password, "wants the password in clear text")?;
            credentials.may_be_unbound()?;
            send_password(messages, credentials.password()?).await?;
        }
        Ok(Message::AuthenticationMd5Password(body)) => {
            credentials.may_be(AuthMethod::Md5, "wants the password hashed by MD5")?;
            credentials.may_be_unbound()?;
            let user = credentials.user.as_bytes();
            let hash = md5_hash(user, credentials.password()?, body.salt());
            send_password(messages, hash.as_bytes()).await?;
        }
        Ok(Message::AuthenticationSasl(body)) => {
            credentials.may_be(AuthMethod::ScramSha256, "wants SCRAM-SHA-256")?;
            scram(messages, credentials, &body).await?;
        }
        Ok(Message::AuthenticationGss) => return unsupported("GSSAPI"),
        Ok(Message::AuthenticationSspi) => return unsupported("SSPI"),
        Ok(Message::AuthenticationKerberosV5) => return unsupported("Kerberos 5"),
        Ok(Message::AuthenticationScmCredential) => return unsupported("SCM credentials"),
        Ok(_) => return Err(WireError::unexpected("a demand for authentication")),
        Err(error) => return Err(error),
    }
    match messages.receive_in_login().await {
        Ok(Message::AuthenticationOk) => Ok(()),
        Ok(_) => Err(WireError::unexpected("its consent")),
        Err(error) => Err(error),
    }
}

async fn send_password(messages: &mut Messages, password: &[u8]) -> Result<(), WireError> {
    let mut message = BytesMut::new();
    frontend::password_message(password, &mut message).map_err(WireError::Unencodable)?;
    messages.send(&message).await
}

/// Most iterations of SCRAM, since `postgres-protocol` refuses more. `PostgreSQL` uses 4096 unless `scram_iterations` is
/// set. Each is two hashes, and the thread does nothing else meanwhile.
const MOST_ITERATIONS: u64 = 100_000;

/// Authenticates by SCRAM-SHA-256 (RFC 5802, RFC 7677), in which the server too proves that it knows the password.
async fn scram(
    messages: &mut Messages,
    credentials: &Credentials<'_>,
    offer: &AuthenticationSaslBody,
) -> Result<(), WireError> {
    let (mechanism, binding) = mechanism(credentials, offer)?;
    let mut scram = ScramSha256::new(credentials.password()?, binding);

    let mut first = BytesMut::new();
    frontend::sasl_initial_response(mechanism, scram.message(), &mut first)
        .map_err(WireError::Unencodable)?;
    messages.send(&first).await?;
    let Message::AuthenticationSaslContinue(challenge) = messages.receive_in_login().await? else {
        return Err(WireError::unexpected("a SCRAM challenge"));
    };
    if iterations(challenge.data()).is_some_and(|it| it > MOST_ITERATIONS) {
        return Err(AuthProblem::TooCostly(MOST_ITERATIONS).into());
    }
    scram
        .update(challenge.data())
        .map_err(AuthProblem::NotProven)?;

    let mut proof = BytesMut::new();
    frontend::sasl_response(scram.message(), &mut proof).map_err(WireError::Unencodable)?;
    messages.send(&proof).await?;
    let Message::AuthenticationSaslFinal(outcome) = messages.receive_in_login().await? else {
        return Err(WireError::unexpected("the outcome of SCRAM"));
    };
    Ok(scram
        .finish(outcome.data())
        .map_err(AuthProblem::NotProven)?)
}

/// Returns the number of iterations that a challenge demands: `r=NONCE,s=SALT,i=NUMBER` (RFC 5802, section 5.1). A number that
/// is too large to be read is the largest.
fn iterations(challenge: &[u8]) -> Option<u64> {
    let text = str::from_utf8(challenge).ok()?;
    let number = text.rsplit_once(",i=")?.1;
    let number = number.split(',').next()?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| number.parse().unwrap_or(u64::MAX))
}

/// Chooses the mechanism with channel binding if both sides support it. If only the server does not offer it, the
/// client's message says that the client supports it, so that an attacker between the two cannot hide the offer.
fn mechanism(
    credentials: &Credentials<'_>,
    offer: &AuthenticationSaslBody,
) -> Result<(&'static str, ScramBinding), WireError> {
    let offered: Vec<&str> = offer
        .mechanisms()
        .collect()
        .map_err(|error| WireError::Protocol(error.to_string()))?;
    let end_point = match credentials.channel_binding {
        ChannelBinding::Disable => None,
        ChannelBinding::Prefer | ChannelBinding::Require => credentials.end_point,
    };
    let bound = offered.contains(&SCRAM_SHA_256_PLUS);
    if let Some(end_point) = end_point.filter(|_| bound) {
        let binding = ScramBinding::tls_server_end_point(end_point.into());
        return Ok((SCRAM_SHA_256_PLUS, binding));
    }
    credentials.may_be_unbound()?;
    if !offered.contains(&SCRAM_SHA_256) {
        return Err(AuthProblem::Unsupported("a SASL mechanism other than SCRAM-SHA-256").into());
    }
    let binding = if end_point.is_some() {
        ScramBinding::unrequested()
    } else {
        ScramBinding::unsupported()
    };
    Ok((SCRAM_SHA_256, binding))
}
