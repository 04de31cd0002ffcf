//! pgsql-state tells load balancers which PostgreSQL server is the primary and which are standbys.
//!
//! | room | holds |
//! |---|---|
//! | [`base`] | units, time, files, programs, certificates: used by every other room |
//! | [`admit`] | which clients are answered, and how often. Pure |
//! | [`health`] | the state of a server: evidence, state, verdict. Pure, and the only room that decides `production` |
//! | [`postgres`] | access to PostgreSQL: connection strings, protocol, files, WAL |
//! | [`slots`] | which replication slots a server should have |
//! | [`config`] | the configuration, valid by construction |
//! | [`answer`] | the text of answers: lines, documents, metrics. Pure |
//! | [`daemon`] | the daemon: asks the server, answers load balancers |
//! | [`agent`] | the resource agent for Pacemaker |
//! | [`tools`] | generators, linters, the doctor, plugins |
//! | [`keeper`] | tells Pacemaker at once that a server has ended or hangs |
//! | [`rejoin`] | brings a node back as a standby |
//! | [`cli`] | the command line, a file for each subcommand |
//!
//! A check passes through them in this order:
//!
//! 1. [`daemon::serve`] accepts a connection on a socket that came from systemd or was bound at start, and
//!    [`admit`] decides from the client's address whether the connection is answered.
//! 2. [`daemon::observe`] answers the check from a question sent to PostgreSQL after the check arrived; waiting
//!    checks share one question. [`postgres`] sends it.
//! 3. [`health`] turns the result into a verdict.
//! 4. [`answer`] formats the verdict; [`daemon::serve`] sends it.
//!
//! `tests/layering` checks that imports follow the order of the table.

pub mod admit;
pub mod agent;
pub mod answer;
pub mod base;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod health;
pub mod keeper;
pub mod postgres;
pub mod rejoin;
pub mod slots;
pub mod tools;
