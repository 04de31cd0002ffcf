//! Generates keepalived's configuration: LVS in front of the servers, or a virtual IP that follows the primary; opens
//! no file and starts no program.
//!
//! - [`plan`]: the inputs of both.
//! - [`lvs`], `director`: the virtual servers of a director, each with the checks of its real servers.
//! - [`vrrp`]: the virtual IP, on one of the servers' hosts.
//! - [`user`], [`interface`]: names in characters that the file can contain.
//! - `text`: formats blocks and comments.

mod director;
pub mod interface;
pub mod lvs;
pub mod plan;
mod text;
pub mod user;
pub mod vrrp;

pub use interface::{Interface, InterfaceError};
pub use lvs::{Forward, Lvs, LvsCheck, LvsError};
pub use plan::Script;
pub use user::{SystemUser, UserError};
pub use vrrp::{Vrrp, VrrpError};
