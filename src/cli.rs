//! The command line: one file per subcommand; the only room that reads the environment.
//!
//! - [`exit`]: exit statuses, and how an error is printed.
//! - [`invocation`]: the environment, user and arguments of the process, and the configuration file.
//! - [`serve`], [`answer`], [`probe`], [`ask`], [`check`], [`maintenance`], [`quorum`], [`keeper`], [`check_config`], [`doctor`], [`agent`], [`rejoin`],
//!   [`generate`], [`lint`], [`completions`], [`man`]: the subcommands.
//! - [`own_addresses`]: the addresses of this host.
//! - `unit`: the settings of systemd's units on this host.
//! - [`replace_file`]: replaces a file of another program atomically.
//! - `reference`: only in tests; generates the tables of the documents from the declarations.

mod agent;
mod answer;
mod ask;
mod check;
mod check_config;
mod completions;
mod doctor;
mod exit;
mod generate;
mod invocation;
mod keeper;
mod lint;
mod maintenance;
mod man;
mod own_addresses;
mod probe;
mod quorum;
#[cfg(test)]
mod reference;
mod rejoin;
mod replace_file;
mod serve;
mod unit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use tracing::level_filters::LevelFilter;

use exit::Exit;

/// Tells load balancers which PostgreSQL server is the primary and which are standbys.
#[derive(Debug, Parser)]
#[command(
    name = "pgsql-state",
    version,
    max_term_width = 100,
    propagate_version = true,
    subcommand_required = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon, on the sockets that systemd passes or those of the configuration
    Serve {
        #[command(flatten)]
        config: Config,
        /// Least severity that is logged
        #[arg(long, value_enum, default_value = "info", env = "PGSQL_STATE_LOG")]
        log: LogLevel,
    },
    /// Answers one check on standard input and output, for Accept=yes, inetd and xinetd
    Answer {
        #[command(flatten)]
        config: Config,
    },
    /// Asks the PostgreSQL server once, without a daemon, and prints the answer line
    Probe {
        #[command(flatten)]
        config: Config,
        /// Print all facts as JSON
        #[arg(long)]
        json: bool,
        /// Exit with 0 only if the server has this role
        #[arg(long, value_name = "ROLE")]
        expect: Option<probe::ProbeExpected>,
    },
    /// Shows what the resource agent pgsqlms sees and would do
    Agent(agent::AgentArguments),
    /// Brings this node back as a standby of the primary, as it is, rewound or copied anew, or says why not
    ///
    /// Without an option for the way it takes the cheapest one that is possible. Run it as root on the node that is to come
    /// back.
    Rejoin(rejoin::RejoinArguments),
    /// Asks daemons over TCP, all at the same time, and prints one line for each in the order given
    Ask(ask::Ask),
    /// Checks one property of the server, as a plugin of Nagios, Consul or keepalived
    Check(check::CheckArguments),
    /// Takes this server out of service for maintenance, and puts it back
    Maintenance(maintenance::MaintenanceArguments),
    /// Asks Pacemaker every second whether this node has quorum, and writes the answer to a file for the daemon (guard.quorum)
    Quorum(quorum::QuorumArguments),
    /// Tells Pacemaker at once that the server of this node has ended or hangs, which its next monitor would find out later
    Keeper(keeper::KeeperArguments),
    /// Reports every problem in a configuration, with its line
    CheckConfig(check_config::CheckConfig),
    /// Looks for problems on this host and prints remedies; changes nothing
    Doctor(doctor::Doctor),
    /// Prints ready-to-use configuration for programs that work with the daemon
    Generate(generate::Generate),
    /// Reports mistakes in the configuration of programs that work with the daemon, with line and remedy
    Lint(lint::Lint),
    /// Prints a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Prints a manual page
    Man(man::Man),
}

#[derive(Debug, clap::Args)]
struct Config {
    /// Configuration file [default: /etc/pgsql-state/pgsql-state.toml, which may be absent]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
        }
    }
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(cli.command),
        Err(error) => usage(&error),
    };
    outcome.into()
}

fn run(command: Command) -> Exit {
    match command {
        Command::Serve { config, log } => serve::run(config.config.as_deref(), log.into()),
        Command::Answer { config } => answer::run(config.config.as_deref()),
        Command::Probe {
            config,
            json,
            expect,
        } => {
            let form = if json {
                probe::ProbeFormat::Json
            } else {
                probe::ProbeFormat::Line
            };
            probe::run(config.config.as_deref(), form, expect)
        }
        Command::Agent(question) => agent::run(&question),
        Command::Rejoin(rejoin) => rejoin::run(&rejoin),
        Command::Ask(ask) => ask::run(&ask),
        Command::Check(check) => check::run(&check),
        Command::Maintenance(order) => maintenance::run(&order),
        Command::Quorum(quorum) => quorum::run(&quorum),
        Command::Keeper(keeper) => keeper::run(&keeper),
        Command::CheckConfig(check) => check_config::run(&check),
        Command::Doctor(doctor) => doctor::run(&doctor),
        Command::Generate(piece) => generate::run(&piece),
        Command::Lint(piece) => lint::run(&piece),
        Command::Completions { shell } => completions::run(shell),
        Command::Man(page) => man::run(&page),
    }
}

/// Prints a message of clap. Help and version are successes; everything else is a usage error.
fn usage(error: &clap::Error) -> Exit {
    // If standard error is closed, there is nothing to do.
    drop(error.print());
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        Exit::Success
    } else if check::is_keepaliveds(invocation::arguments().iter().map(String::as_str)) {
        Exit::Failure
    } else {
        Exit::Usage
    }
}
