//! keepalived's configuration: LVS in front of the servers, or a virtual IP that follows the primary; knows no
//! file and no program.
//!
//! - [`plan`]: what both are made from.
//! - [`lvs`], `director`: a director's virtual servers, each with the checks of its real servers.
//! - [`vrrp`]: the address, on one of the servers' hosts.
//! - [`user`], [`interface`]: names in characters that the file can have.
//! - `text`: blocks and comments.

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
