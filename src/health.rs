//! What an instance can be, and what may be said of it: pure functions from facts to a word, which
//! know no clock, no socket and no text from outside.
//!
//! - [`lsn`]: a position in the write-ahead log.
//! - [`failure`]: how an attempt to ask a server can fail.
//! - [`evidence`]: everything that was seen, before anyone judges it.
//! - [`state`]: what the instance is, judged from the evidence by [`interpret()`].
//! - [`delay`]: how long a standby has been behind, without trusting anybody's wall clock.
//! - [`details`]: what only documents show.
//! - [`reason`]: the closed set of words that say why not.
//! - [`words`]: the two words for the roles, and which words can never be one.
//! - [`view`]: the questions that agents are asked, and how much of the work a standby can take.
//! - [`verdict`]: what is answered, judged from the state and the operator's conditions.
//! - [`maintenance`]: the same where an administrator has the server stand aside.
//! - [`quorum`]: the same where a primary needs a quorum.
//! - [`peer`]: what other servers of the cluster are told to be.
//! - [`transactions`]: the same where clients could not write to a primary.
//! - [`rival`]: another primary among them, and the verdict beside it.
//! - [`sync`]: whether a primary among them waits for a standby.
//! - [`steady`]: the same over time, so that swings around a limit do not change the answer.

pub mod delay;
pub mod details;
pub mod evidence;
pub mod failure;
pub mod interpret;
pub mod lsn;
pub mod maintenance;
pub mod peer;
pub mod quorum;
pub mod reason;
pub mod rival;
pub mod state;
pub mod steady;
pub mod sync;
pub mod transactions;
pub mod verdict;
pub mod view;
pub mod words;

pub use delay::DelayClock;
pub use details::{Archive, Details};
pub use evidence::{
    Evidence, FreshConnection, Past, PostmasterStatus, Receiver, Replay, Replication, Role,
    SessionEvidence, Standby,
};
pub use failure::{Detail, Failure};
pub use interpret::interpret;
pub use lsn::Lsn;
pub use maintenance::{Maintenance, maintain};
pub use peer::{Claim, Contact, Heard, Peer, PeerServer, Reachability, Sender, ServerIdentity};
pub use quorum::{Quorum, QuorumGuard, guard};
pub use reason::{DownReason, LagReason};
pub use rival::{Rival, Rivalry, TimelineStanding, TwoPrimaries, give_way};
pub use state::{ConnectionSlots, State};
pub use steady::Steadiness;
pub use sync::{SyncState, sync_state};
pub use transactions::{Transactions, WhenReadOnly, admit_writers};
pub use verdict::{Conditions, Enter, Policy, Streaming, Verdict, WhenFull, judge};
pub use view::{Share, View};
pub use words::{Words, WordsError};
