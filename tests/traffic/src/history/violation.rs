//! What must not be in a history, in words.

use std::fmt;
use std::time::Duration;

/// Something that a client saw and that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An acknowledged write was missing from a later read on the primary.
    Lost {
        /// The register, or the client whose set it is.
        of: String,
        /// What was acknowledged.
        written: i64,
        /// When.
        acknowledged: Duration,
        /// When it was asked for and not there; nothing at the end of all.
        missing: Option<Duration>,
        /// What was read instead of it, of a register.
        instead: Option<i64>,
        /// Who answered without it.
        host: String,
    },
    /// A read showed less than an earlier answer on the same connection.
    WentBack {
        /// The client.
        client: String,
        /// The register, or the client whose set it is.
        of: String,
        /// What the connection had shown.
        shown: i64,
        /// What was read later, of a register.
        instead: Option<i64>,
        /// When that was asked.
        at: Duration,
    },
    /// Something was read that nobody had sent by then, or that had no effect.
    Unwritten {
        /// The register, or the client whose set it is.
        of: String,
        /// What was read.
        read: i64,
        /// When it was answered; nothing at the end of all.
        at: Option<Duration>,
    },
    /// Two servers were primaries at once.
    TwoPrimaries {
        /// The one that began first, and its timeline.
        one: (String, i64),
        /// The other one.
        other: (String, i64),
        /// From when.
        from: Duration,
        /// At least so long.
        length: Duration,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Duration::as_secs_f64;
        let moment = |at: &Option<Duration>| match at {
            Some(at) => format!("at {:.3}", seconds(at)),
            None => "at the end".to_owned(),
        };
        let other = |instead: &Option<i64>| match instead {
            Some(instead) => format!(" ({instead} instead)"),
            None => String::new(),
        };
        match self {
            Self::Lost {
                of,
                written,
                acknowledged,
                missing,
                instead,
                host,
            } => write!(
                f,
                "{of}: {written}, acknowledged at {:.3}, was missing on {host} {}{}",
                seconds(acknowledged),
                moment(missing),
                other(instead)
            ),
            Self::WentBack {
                client,
                of,
                shown,
                instead,
                at,
            } => write!(
                f,
                "{of}: a connection of {client} showed {shown}, and at {:.3} no longer{}",
                seconds(at),
                other(instead)
            ),
            Self::Unwritten { of, read, at } => {
                write!(f, "{of}: {read}, read {}, was never written", moment(at))
            }
            Self::TwoPrimaries {
                one,
                other,
                from,
                length,
            } => write!(
                f,
                "{} (timeline {}) and {} (timeline {}) were primaries at once from {:.3} for {:.3} s",
                one.0,
                one.1,
                other.0,
                other.1,
                seconds(from),
                seconds(length)
            ),
        }
    }
}
