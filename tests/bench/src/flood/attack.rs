//! What untrusted clients do, as a closed set, and from which addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4};
use std::time::Duration;

/// One way to keep a server busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attack {
    /// Nothing; what the others are held against.
    None,
    /// Connects and reads the answer.
    Read,
    /// Connects and does nothing, not even read.
    Silent,
    /// Sends half a PROXY header, from an address that must send one.
    HalfHeader,
    /// Sends a byte a second, from such an address.
    OneByte,
    /// Reads, each time from another of 65,536 IPv4 addresses.
    ManyFour,
    /// The same with another /64 of IPv6 each time.
    ManySix,
    /// Connects and resets, 20,000 times a second.
    Reset,
    /// The same as often as it can.
    ResetFast,
    /// Stays silent while the server may open 64 files.
    FewDescriptors,
    /// Reads, while the kernel drops its packets at the listening socket.
    Filtered,
    /// Asks over HTTP and reads.
    HttpRead,
    /// Asks over HTTP and does not read.
    HttpSilent,
    /// Sends half a head over HTTP.
    HttpHalf,
    /// Asks the agent and reads.
    AgentRead,
    /// Connects to the agent and says nothing.
    AgentSilent,
    /// Sends half a `ClientHello` to the HTTP port, which speaks TLS.
    HalfHello,
    /// Has that port do its part of a handshake, and leaves; each time from another of 65,536 IPv4 addresses.
    Hello,
    /// The same where its certificate takes longer to prove.
    HelloRsa,
    /// Somebody whom the daemon asks lies.
    Lying(Lie),
}

/// What those say whom the daemon asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// A peer: informational responses without end.
    Informational,
    /// A peer: a document without end.
    Body,
    /// The server: notices without end.
    Notices,
}

/// Which of the daemon's ports is attacked, and asked meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    State,
    Http,
    Agent,
}

/// Where the HTTP port speaks TLS.
const HTTPS: u16 = 8008;

/// A whole `ClientHello` of TLS 1.3 (RFC 8446, section 4.1.2): `TLS_AES_128_GCM_SHA256`, X25519 with some point, and
/// signatures by P-256 and RSA. The port answers it with a key of its own and a signature.
const HELLO: &[u8] = b"\x16\x03\x01\x00\x72\x01\x00\x00\x6e\x03\x03\
    random random random random rand\x00\x00\x02\x13\x01\x01\x00\x00\x43\
    \x00\x2b\x00\x03\x02\x03\x04\
    \x00\x0a\x00\x04\x00\x02\x00\x1d\
    \x00\x0d\x00\x06\x00\x04\x04\x03\x08\x04\
    \x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20\
    point of some kind, of 32 bytes.";

impl Attack {
    /// In the order of the table.
    pub(super) const ALL: [Self; 22] = [
        Self::None,
        Self::Read,
        Self::Silent,
        Self::HalfHeader,
        Self::OneByte,
        Self::ManyFour,
        Self::ManySix,
        Self::Reset,
        Self::ResetFast,
        Self::FewDescriptors,
        Self::Filtered,
        Self::HttpRead,
        Self::HttpSilent,
        Self::HttpHalf,
        Self::AgentRead,
        Self::AgentSilent,
        Self::Lying(Lie::Informational),
        Self::Lying(Lie::Body),
        Self::Lying(Lie::Notices),
        Self::HalfHello,
        Self::Hello,
        Self::HelloRsa,
    ];

    /// As it stands in the table.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::None => "nobody",
            Self::Read => "connect and read",
            Self::Silent => "connect and never read",
            Self::HalfHeader => "half a PROXY header",
            Self::OneByte => "one byte a second",
            Self::ManyFour => "read, from 65,536 addresses",
            Self::ManySix => "read, from a /48 of IPv6",
            Self::Reset => "connect and reset",
            Self::ResetFast => "connect and reset, at full speed",
            Self::FewDescriptors => "never read, 64 descriptors",
            Self::Filtered => "connect and read, behind a filter",
            Self::HttpRead => "HTTP: ask and read",
            Self::HttpSilent => "HTTP: ask and never read",
            Self::HttpHalf => "HTTP: half a head",
            Self::AgentRead => "agent: ask and read",
            Self::AgentSilent => "agent: connect and say nothing",
            Self::HalfHello => "half a TLS handshake",
            Self::Hello => "a TLS handshake and no more, P-256",
            Self::HelloRsa => "a TLS handshake and no more, RSA-2048",
            Self::Lying(Lie::Informational) => "a peer: `100 Continue` without end",
            Self::Lying(Lie::Body) => "a peer: a document without end",
            Self::Lying(Lie::Notices) => "the server: notices without end",
        }
    }

    /// Which port is attacked.
    pub(super) const fn target(self) -> Target {
        match self {
            Self::HttpRead | Self::HttpSilent | Self::HttpHalf => Target::Http,
            Self::AgentRead | Self::AgentSilent => Target::Agent,
            Self::None
            | Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::Reset
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HalfHello
            | Self::Hello
            | Self::HelloRsa
            | Self::Lying(_) => Target::State,
        }
    }

    /// Connections open at once.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::None | Self::Lying(_) => 0,
            Self::Reset | Self::ResetFast => 1,
            Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::HalfHello
            | Self::Hello
            | Self::HelloRsa => 1000,
        }
    }

    /// The most connections a second; none: as many as can be made.
    pub(super) const fn pace(self) -> Option<u32> {
        match self {
            Self::Reset => Some(20_000),
            Self::None
            | Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::HalfHello
            | Self::Hello
            | Self::HelloRsa
            | Self::Lying(_) => None,
        }
    }

    /// What is sent at once.
    pub(super) const fn says(self) -> &'static [u8] {
        match self {
            Self::HalfHeader => b"PROXY TCP4 10.20.",
            Self::OneByte => b"P",
            Self::HttpRead | Self::HttpSilent => b"GET /primary HTTP/1.1\r\nHost: srv1\r\n\r\n",
            Self::HttpHalf => b"GET /primary HTTP/1.1\r\nHost: sr",
            Self::AgentRead => b"rw\n",
            Self::HalfHello => HELLO.split_at(HELLO.len() / 2).0,
            Self::Hello | Self::HelloRsa => HELLO,
            Self::None
            | Self::Read
            | Self::Silent
            | Self::ManyFour
            | Self::ManySix
            | Self::Reset
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::AgentSilent
            | Self::Lying(_) => b"",
        }
    }

    /// How long a connection is kept that the server does not end.
    pub(super) const fn stays(self) -> Duration {
        match self {
            Self::None
            | Self::Read
            | Self::ManyFour
            | Self::ManySix
            | Self::Reset
            | Self::ResetFast
            | Self::Filtered
            | Self::HttpRead
            | Self::AgentRead
            | Self::Lying(_) => Duration::ZERO,
            Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::FewDescriptors
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentSilent
            | Self::HalfHello
            | Self::Hello
            | Self::HelloRsa => Duration::from_secs(10),
        }
    }

    /// What is attacked of a server whose state port is this.
    pub(super) const fn attacked(self, state: SocketAddrV4) -> SocketAddrV4 {
        match self {
            Self::HalfHello | Self::Hello | Self::HelloRsa => SocketAddrV4::new(*state.ip(), HTTPS),
            Self::None
            | Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::Reset
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::Lying(_) => state,
        }
    }

    /// Whether the server's first byte is what a connection is for.
    pub(super) const fn leaves_when_answered(self) -> bool {
        match self {
            Self::Hello | Self::HelloRsa => true,
            Self::None
            | Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::Reset
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HalfHello
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::Lying(_) => false,
        }
    }

    /// Whether connections are reset by those who made them.
    pub(super) const fn resets(self) -> bool {
        match self {
            Self::Reset | Self::ResetFast => true,
            Self::None
            | Self::Read
            | Self::Silent
            | Self::HalfHeader
            | Self::OneByte
            | Self::ManyFour
            | Self::ManySix
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::HalfHello
            | Self::Hello
            | Self::HelloRsa
            | Self::Lying(_) => false,
        }
    }

    /// Where the connection with this number comes from.
    pub(super) fn source(self, number: u32) -> IpAddr {
        let [_, _, high, low] = number.to_be_bytes();
        match self {
            Self::ManyFour | Self::HalfHello | Self::Hello | Self::HelloRsa => {
                Ipv4Addr::new(127, 16, high, low).into()
            }
            Self::ManySix => {
                let net = u16::from_be_bytes([high, low]);
                Ipv6Addr::new(0xfd77, 0x7777, 0x7777, net, 0, 0, 0, 7).into()
            }
            Self::HalfHeader | Self::OneByte => Ipv4Addr::new(127, 8, 0, low).into(),
            Self::None
            | Self::Read
            | Self::Silent
            | Self::Reset
            | Self::ResetFast
            | Self::FewDescriptors
            | Self::Filtered
            | Self::HttpRead
            | Self::HttpSilent
            | Self::HttpHalf
            | Self::AgentRead
            | Self::AgentSilent
            | Self::Lying(_) => Ipv4Addr::new(127, 5, 0, low % 16 + 1).into(),
        }
    }
}
