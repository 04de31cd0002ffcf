//! pgsql-state tells load balancers which PostgreSQL server is the primary and which are standbys.
//!
//! A check travels through the folders like this:
//!
//! 1. [`serve`] accepts a connection on a socket that came from systemd or was bound at start, and
//!    [`admit`] decides from its address whether it is answered at all.
//! 2. [`observe`] answers it from a question put to PostgreSQL after it came; checks that wait share
//!    one question. [`postgres`] does the asking, [`target`] says where.
//! 3. [`role`] judges: facts to state, state to verdict. It is pure, and it is the only place where
//!    anything becomes `production`.
//! 4. [`answer`] spells the verdict; [`serve`] sends it.
//!
//! [`maintenance`] is an administrator's order that a server stand aside, [`cluster`] asks Pacemaker for
//! its quorum and other daemons for their servers.
//! [`check`] is the same as a plugin for Nagios, Consul and keepalived.
//! [`terminal`] shows what other people's files hold.
//! [`generate`] writes pieces of other programs' configuration, [`lint`] finds mistakes in those that people
//! already have, [`doctor`] finds what is wrong with a host.
//! [`certificates`] are read and judged for PostgreSQL's connections and for [`https`], which is what TLS of the HTTP port
//! needs and shows.
//! [`settings`] is the configuration, valid by construction; [`service`] is what systemd expects;
//! [`daemon`] composes all of it, and [`cli`] has one file per subcommand.
//!
//! The resource agent for Pacemaker is another wing on the same ground: [`agent`] is what it decides by,
//! [`recipes`] what each of its actions does, [`instance`] the hands that it has on the local server,
//! [`pacemaker`] those that it has on the cluster; [`pgsqlms`] composes them.
//!
//! `tests/layering.rs` holds the imports against this order.

pub mod admit;
pub mod agent;
pub mod answer;
pub mod certificates;
pub mod check;
pub mod child;
pub mod cib;
pub mod cli;
pub mod cluster;
pub mod daemon;
pub mod doctor;
pub mod generate;
pub mod https;
pub mod instance;
pub mod lint;
pub mod maintenance;
pub mod observe;
pub mod pacemaker;
pub mod pgsqlms;
pub mod postgres;
pub mod recipes;
pub mod regular_file;
pub mod role;
pub mod serve;
pub mod service;
pub mod settings;
pub mod shell;
pub mod system_clock;
pub mod target;
pub mod terminal;
pub mod units;
pub mod xml;
