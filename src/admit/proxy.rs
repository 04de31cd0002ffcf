//! Parses the PROXY header with which a peer announces the client for which it connects; uses neither sockets nor lists.
//!
//! "The PROXY protocol, Versions 1 & 2" (doc/proxy-protocol.txt of HAProxy), sections 2.1 and 2.2.
//! This module finds the end of a header, so that the bytes after it are kept and an endless header is
//! refused; the crate `ppp` parses the content.

use std::net::IpAddr;

use ppp::{v1, v2};

use super::net::canonical;

/// Longest line of version 1 in bytes, with its end: "the receiver must support at least 107 bytes".
const MOST_V1: usize = 107;

/// Longest header of version 2 that is accepted, in bytes. Senders add at most some hundred bytes to the addresses.
const MOST_V2: usize = 4096;

/// Most bytes that have to be buffered for a header.
pub const MOST: usize = MOST_V2;

/// Length of the fixed part of a header of version 2; its last two bytes are the length of the rest.
const V2_FIXED: usize = 16;

const V1_BEGIN: &[u8] = b"PROXY ";
const V1_END: &[u8] = b"\r\n";

/// The state of the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// The beginning of a header, or no bytes yet.
    Incomplete,
    /// A whole header.
    Complete {
        /// Its length in bytes; the bytes after it belong to the client.
        length: usize,
        /// The address of the client, in [`canonical`] form. `None` if the peer connects for itself
        /// (`LOCAL`), or the client has no known IP address (`UNKNOWN`): the peer's own address counts then.
        announced: Option<IpAddr>,
    },
    /// The bytes are not a PROXY header, or the header is longer than allowed.
    Broken,
}

/// Parses a header at the beginning of `bytes`.
#[must_use]
pub fn read(bytes: &[u8]) -> ProxyHeader {
    if begins(bytes, v2::PROTOCOL_PREFIX) {
        read_v2(bytes)
    } else if begins(bytes, V1_BEGIN) {
        read_v1(bytes)
    } else {
        ProxyHeader::Broken
    }
}

/// Whether the bytes begin with `start`, or may do so once more have arrived.
fn begins(bytes: &[u8], start: &[u8]) -> bool {
    bytes.iter().zip(start).all(|(byte, right)| byte == right)
}

fn read_v1(bytes: &[u8]) -> ProxyHeader {
    let Some(end) = bytes.iter().take(MOST_V1).position(|byte| *byte == b'\n') else {
        return if bytes.len() < MOST_V1 {
            ProxyHeader::Incomplete
        } else {
            ProxyHeader::Broken
        };
    };
    let length = end.saturating_add(1);
    let line = bytes.get(..length).unwrap_or_default();
    if !line.ends_with(V1_END) {
        return ProxyHeader::Broken;
    }
    match v1::Header::try_from(line) {
        Ok(header) => ProxyHeader::Complete {
            length,
            announced: match header.addresses {
                v1::Addresses::Unknown => None,
                v1::Addresses::Tcp4(pair) => Some(pair.source_address.into()),
                v1::Addresses::Tcp6(pair) => Some(canonical(pair.source_address.into())),
            },
        },
        Err(_) => ProxyHeader::Broken,
    }
}

fn read_v2(bytes: &[u8]) -> ProxyHeader {
    let Some([high, low]) = bytes.get(14..V2_FIXED) else {
        return ProxyHeader::Incomplete;
    };
    let behind = usize::from(u16::from_be_bytes([*high, *low]));
    let length = V2_FIXED.saturating_add(behind);
    if length > MOST_V2 {
        return ProxyHeader::Broken;
    }
    let Some(whole) = bytes.get(..length) else {
        return ProxyHeader::Incomplete;
    };
    let Ok(header) = v2::Header::try_from(whole) else {
        return ProxyHeader::Broken;
    };
    let announced = match (header.command, header.addresses) {
        (v2::Command::Proxy, v2::Addresses::IPv4(pair)) => Some(pair.source_address.into()),
        (v2::Command::Proxy, v2::Addresses::IPv6(pair)) => {
            Some(canonical(pair.source_address.into()))
        }
        (v2::Command::Proxy, v2::Addresses::Unspecified | v2::Addresses::Unix(_))
        | (v2::Command::Local, _) => None,
    };
    ProxyHeader::Complete { length, announced }
}

#[cfg(test)]
mod tests;
