//! The command line.

use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, value_parser};

use crate::contender::Name;
use crate::measure::Plan;

/// Measures pgsql-state beside a bare server and its rivals, and prints the result as Markdown.
///
/// Needs root, two cores and Debian 12's packages of the rivals. Everything runs on loopback
/// addresses and is gone afterwards.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// Another role this program plays for itself.
    #[command(subcommand)]
    pub(crate) role: Option<Role>,

    /// The daemon to measure [default: beside this program]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) pgsql_state: Option<PathBuf>,

    /// Contenders besides the usual ones
    #[arg(long, value_delimiter = ',', value_name = "CONTENDER")]
    pub(crate) compare: Vec<Name>,

    /// The usual contenders
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "CONTENDER",
        default_values = [
            "bare", "ours", "psql", "bgw", "bare-http", "http", "bare-http-kept", "http-kept"
        ]
    )]
    pub(crate) only: Vec<Name>,

    /// Numbers of clients at once
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "CLIENTS",
        default_values = ["1", "16", "64", "256"],
        value_parser = value_parser!(u32).range(1..=256)
    )]
    widths: Vec<u32>,

    /// Turns of each contender at each number of clients
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(2..=99))]
    rounds: u32,

    /// Length of one turn
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// Answers after which the daemon's memory is looked at; fewer than a million judge nothing
    #[arg(long, default_value_t = 1_000_000, value_name = "ANSWERS")]
    pub(crate) endurance: u32,

    /// End with status 1 unless every target is met
    #[arg(long)]
    pub(crate) check: bool,
}

/// What this program does besides measuring.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Role {
    /// The bare server.
    #[command(hide = true)]
    Bare {
        /// Where to listen.
        address: SocketAddrV4,
    },
    /// The bare server of HTTP.
    #[command(hide = true)]
    BareHttp {
        /// Where to listen.
        address: SocketAddrV4,
    },
    /// Untrusted clients attack while a load balancer asks
    Flood {
        /// Length of each attack
        #[arg(long, default_value_t = 30, value_parser = value_parser!(u64).range(1..=600))]
        seconds: u64,
        /// Whom: ours, psql
        #[arg(long, value_delimiter = ',', value_name = "CONTENDER", default_values = ["ours", "psql"])]
        only: Vec<Name>,
        /// Threads that attack; the second takes half of the servers' core
        #[arg(long, default_value_t = 1, value_parser = value_parser!(u8).range(1..=16))]
        threads: u8,
        /// In a network namespace of its own already
        #[arg(long, hide = true)]
        inside: bool,
    },
}

impl Options {
    /// How long and how often to measure, from narrow to wide.
    pub(crate) fn plan(&self) -> Plan {
        let mut widths = self.widths.clone();
        widths.sort_unstable();
        widths.dedup();
        Plan {
            widths,
            rounds: self.rounds,
            length: Duration::from_secs(self.seconds),
        }
    }

    /// Whom to measure, in the order of their turns.
    pub(crate) fn contenders(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.only.iter().chain(&self.compare).copied().collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Options {
        Options::parse_from(line.split(' '))
    }

    #[test]
    fn patroni_comes_only_when_asked_for() {
        let usual = [
            Name::Bare,
            Name::Ours,
            Name::Psql,
            Name::Bgw,
            Name::BareHttp,
            Name::Http,
            Name::BareHttpKept,
            Name::HttpKept,
        ];
        assert_eq!(parse("bench").contenders(), usual);
        let with_patroni = [usual.as_slice(), &[Name::Patroni]].concat();
        assert_eq!(parse("bench --compare patroni").contenders(), with_patroni);
        assert_eq!(
            parse("bench --only bgw,bare").contenders(),
            [Name::Bare, Name::Bgw]
        );
    }

    #[test]
    fn widths_are_measured_once_each_from_narrow_to_wide() {
        assert_eq!(parse("bench").plan().widths, [1, 16, 64, 256]);
        assert_eq!(parse("bench --widths 64,1,64").plan().widths, [1, 64]);
    }

    #[test]
    fn one_round_is_refused() {
        assert!(Options::try_parse_from(["bench", "--rounds", "1"]).is_err());
    }
}
