//! pgsql-state tells load balancers which PostgreSQL server is the primary and which are standbys.
//!
//! | room | holds |
//! |---|---|
//! | [`base`] | units, time, files, programs, certificates: what every room stands on |
//! | [`admit`] | who may ask, and how often. Pure |
//! | [`health`] | what a server is: evidence, state, verdict. Pure, and the only place where anything becomes `production` |
//! | [`postgres`] | PostgreSQL from outside: connection strings, protocol, files, WAL |
//! | [`config`] | the configuration, valid by construction |
//! | [`answer`] | the words and documents of answers. Pure |
//! | [`daemon`] | the daemon: asks the server, answers load balancers |
//! | [`agent`] | the resource agent for Pacemaker |
//! | [`tools`] | generators, linters, the doctor, plugins |
//! | [`cli`] | the command line, a file for each subcommand |
//!
//! A check travels through them like this:
//!
//! 1. [`daemon::serve`] accepts a connection on a socket that came from systemd or was bound at start, and
//!    [`admit`] decides from its address whether it is answered at all.
//! 2. [`daemon::observe`] answers it from a question put to PostgreSQL after it came; checks that wait share
//!    one question. [`postgres`] does the asking.
//! 3. [`health`] judges.
//! 4. [`answer`] spells the verdict; [`daemon::serve`] sends it.
//!
//! `tests/layering.rs` holds the imports against the order of the table.

pub mod admit;
pub mod agent;
pub mod answer;
pub mod base;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod health;
pub mod postgres;
pub mod tools;
