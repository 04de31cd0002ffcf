//! Ways to break the cluster, each with what has to come of it, run one after the other on a lab that
//! is up. A scenario begins with a whole cluster; whatever it did is mended after it.
//!
//! Real clients write and read through the client's HAProxy meanwhile ([`clients`], [`tail`]); what they
//! noted and what the hosts' journals tell is the outcome ([`moments`], [`outcome`]), one line of the
//! [`table`].
//!
//! - [`stage`]: the whole cluster that a scenario gets; [`mend`]: making it whole again.
//! - [`breakage`]: the scenarios; [`mod@list`]: their names, and what each must come to.
//! - [`selection`]: which of them somebody wants; [`mod@play`]: plays those.

mod breakage;
mod clients;
mod list;
mod mend;
mod moments;
mod outcome;
mod play;
mod selection;
mod stage;
mod table;
mod tail;

pub(crate) use clients::time_of_day;
pub(crate) use mend::make_whole;
pub(crate) use moments::{Phases, Span, phases};
pub(crate) use play::play;
pub(crate) use selection::Selection;
