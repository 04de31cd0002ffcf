//! What an instance can be, and what is answered for it: pure functions from facts to a verdict. They read no
//! clock, open no socket and parse no text from outside.
//!
//! - [`lsn`]: a position in the write-ahead log.
//! - [`failure`]: how an attempt to ask a server can fail.
//! - [`evidence`]: everything that was seen of an instance, before it is judged.
//! - [`state`]: what the instance is, judged from the evidence by [`interpret`](interpret::interpret).
//! - [`delay`]: how long a standby has been behind, without comparing wall clocks.
//! - [`depth`]: how much of a server is asked for.
//! - [`details`]: facts that only documents show.
//! - [`reason`]: the closed set of reasons after `down` and `lagging`.
//! - [`role_words`]: the two words for the roles, and which words cannot name a role.
//! - [`view`]: what an agent-check asks for, and the share of the readers that a standby can take.
//! - [`verdict`]: what is answered, judged from the state and the operator's conditions.
//! - [`maintenance`]: the verdict on a server that an administrator has taken out of service.
//! - [`quorum`]: the verdict on a primary that needs a quorum.
//! - [`peer`]: what the daemons of other nodes report about their servers.
//! - [`transactions`]: the verdict on a primary whose transactions are read-only by default.
//! - [`rival`]: another primary among the peers, and the verdict beside it.
//! - [`sync`]: whether a primary among the peers waits for this standby.
//! - [`judgement`]: the whole way from evidence to verdict, for one round.
//! - [`hysteresis`]: verdicts over time, so that swings around a limit do not change the answer.

pub mod delay;
pub mod depth;
pub mod details;
pub mod evidence;
pub mod failure;
mod hysteresis;
mod interpret;
mod judgement;
pub mod lsn;
mod maintenance;
pub mod peer;
mod quorum;
pub mod reason;
mod rival;
pub mod role_words;
pub mod state;
mod sync;
mod transactions;
mod verdict;
pub mod view;

pub use delay::DelayClock;
pub use depth::Depth;
pub use details::{Archive, Details};
pub use evidence::{
    Evidence, FreshConnection, Past, PostmasterStatus, Receiver, Replay, Replication, Role,
    SessionEvidence, Standby,
};
pub use failure::{Detail, Failure};
pub use judgement::{JudgedState, Judgement, PastRounds, RoundFacts};
pub use lsn::Lsn;
pub use maintenance::{Maintenance, maintain};
pub use peer::{
    Claim, Contact, Heard, Peer, PeerProof, PeerServer, PeerSlot, Reachability, Sender,
    ServerIdentity, SyncState,
};
pub use quorum::{Quorum, QuorumGuard};
pub use reason::{DownReason, LagReason};
pub use rival::{Rival, TimelineStanding, TwoPrimaries};
pub use role_words::{RoleWords, RoleWordsError};
pub use state::{ConnectionSlots, State};
pub use transactions::Transactions;
pub use verdict::{Conditions, Enter, Policy, Streaming, Verdict, WhenFull, WhenReadOnly};
pub use view::{Share, View};
