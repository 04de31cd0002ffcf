//! Proves to another daemon that a document comes from the daemon of the cluster at an address: an HMAC over a nonce of the
//! asking daemon, the address and the document (RFC 2104, SHA-256). Uses neither sockets nor files.
//!
//! Every daemon of the cluster answers every nonce. Without the address, somebody at the address of one node could pass a
//! request on to another node, and be taken for the first one.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ring::hmac;
use thiserror::Error;

/// The header of a request that asks for a proof: a nonce in hexadecimal digits.
pub const NONCE_HEADER: &str = "pgsql-state-nonce";

/// The header of the answer with the proofs: one for each key of the answering daemon, separated by commas.
pub const PROOF_HEADER: &str = "pgsql-state-proof";

/// Prefix of the signed message, so that these proofs are not valid for any other use of the same key.
const PURPOSE: &[u8] = b"pgsql-state: the answer to GET /state at an address\0";

/// Shortest key, in characters: 32 hexadecimal digits are 128 bits.
const LEAST: usize = 32;

/// Longest key, in characters.
const MOST: usize = 256;

/// Most keys in a file: the old and the new one, while they are exchanged on one node after another.
const MOST_KEYS: usize = 2;

/// The shared keys of a cluster; never shown.
#[derive(Clone)]
pub struct ClusterKeys(Vec<SharedKey>);

#[derive(Clone)]
struct SharedKey {
    text: Vec<u8>,
    hmac: hmac::Key,
}

/// The content of a key file is not valid. The message never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClusterKeyError {
    /// The file contains no key, or too many.
    #[error(
        "the file must contain one key, or two while keys are exchanged, each on a separate line; create one with: openssl rand -hex 32"
    )]
    Count,
    /// A key is too short or too long.
    #[error("a key must have {LEAST} to {MOST} characters; create one with: openssl rand -hex 32")]
    Length,
    /// A key contains a character that is not visible ASCII.
    #[error(
        "a key may contain only visible ASCII characters; create one with: openssl rand -hex 32"
    )]
    Characters,
}

/// A number that the asking daemon chooses anew for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Creates a nonce from random bytes, which must be unpredictable.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Parses the header of a request; `None` if it is not 32 hexadecimal digits.
    #[must_use]
    pub fn parse(header: &[u8]) -> Option<Self> {
        unhex(header).map(Self)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}

impl ClusterKeys {
    /// Parses the keys in the content of a file, one per line. By convention the first is the newest; here all are equal.
    pub fn new(content: &[u8]) -> Result<Self, ClusterKeyError> {
        let lines = content.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines: Vec<_> = lines
            .filter(|line| !line.is_empty())
            .take(MOST_KEYS.saturating_add(1))
            .collect();
        if !(1..=MOST_KEYS).contains(&lines.len()) {
            return Err(ClusterKeyError::Count);
        }
        let key = |line: &&[u8]| {
            if !(LEAST..=MOST).contains(&line.len()) {
                return Err(ClusterKeyError::Length);
            }
            if !line.iter().all(u8::is_ascii_graphic) {
                return Err(ClusterKeyError::Characters);
            }
            Ok(SharedKey {
                text: line.to_vec(),
                hmac: hmac::Key::new(hmac::HMAC_SHA256, line),
            })
        };
        lines.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The header that proves that a holder of these keys answered the nonce with this body, over a connection to its
    /// own address `at`.
    #[must_use]
    pub fn prove(&self, nonce: Nonce, at: SocketAddr, body: &[u8]) -> String {
        let proof = |key: &SharedKey| {
            let mut context = hmac::Context::with_key(&key.hmac);
            for part in [PURPOSE, &nonce.0, &octets(at), body] {
                context.update(part);
            }
            Proof(context.sign()).to_string()
        };
        let proofs: Vec<_> = self.0.iter().map(proof).collect();
        proofs.join(",")
    }

    /// Whether the header is a valid proof of the daemon at the address that was asked. The time does not depend on how
    /// much of a proof is right.
    #[must_use]
    pub fn proves(&self, nonce: Nonce, asked: SocketAddr, body: &[u8], header: &[u8]) -> bool {
        let message = [PURPOSE, &nonce.0, &octets(asked), body].concat();
        let claimed = header.split(|byte| *byte == b',').take(MOST_KEYS);
        let mut claimed = claimed.filter_map(|proof| unhex::<32>(proof.trim_ascii()));
        claimed.any(|proof| {
            let right = |key: &SharedKey| hmac::verify(&key.hmac, &message, &proof).is_ok();
            self.0.iter().any(right)
        })
    }
}

/// Returns an address as both ends of a connection know it: the same for a socket of IPv6 that takes IPv4, and without
/// the zone, which has another number on each host.
fn octets(address: SocketAddr) -> [u8; 18] {
    let ip = match address.ip().to_canonical() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    let mut octets = [0; 18];
    let (ip_part, port) = octets.split_at_mut(16);
    ip_part.copy_from_slice(&ip.octets());
    port.copy_from_slice(&address.port().to_be_bytes());
    octets
}

struct Proof(hmac::Tag);

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, self.0.as_ref())
    }
}

fn hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Decodes exactly `BYTES` bytes in hexadecimal digits.
fn unhex<const BYTES: usize>(digits: &[u8]) -> Option<[u8; BYTES]> {
    if digits.len() != BYTES.checked_mul(2)? || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Compares the configured text. This need not take constant time, because no attacker supplies the other side.
impl PartialEq for ClusterKeys {
    fn eq(&self, other: &Self) -> bool {
        let texts =
            |keys: &Self| -> Vec<Vec<u8>> { keys.0.iter().map(|key| key.text.clone()).collect() };
        texts(self) == texts(other)
    }
}

impl Eq for ClusterKeys {}

impl fmt::Debug for ClusterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterKeys(\"…\")")
    }
}

#[cfg(test)]
mod tests;
