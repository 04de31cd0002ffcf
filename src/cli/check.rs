//! `pgsql-state check`: a plugin for Nagios and compatible systems, for Consul and for keepalived.

mod source;
mod tls;

pub(super) use source::{daemon_of, reachable};

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::exit::{Exit, complete, print};
use super::{Config, invocation};
use crate::daemon::Configured;
use crate::health::Depth;
use crate::postgres;
use crate::tools::plugin::{
    Bounds, CheckExpected, CheckFinding, CheckQuestion, Limit, OutputFormat, Subject, connect, lag,
    replication, role, slots,
};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// What to check
    subject: Checked,
    #[command(flatten)]
    config: Config,
    /// The expected role; any other is critical
    #[arg(long, value_name = "ROLE")]
    expect: Option<ExpectedRole>,
    /// Limit for a warning: for lag, the most bytes (16MB), time (10s) or both; for replication, the
    /// fewest streaming senders; for slots, the most WAL that one holds; for connect, the longest duration
    #[arg(long, value_name = "LIMIT", value_delimiter = ',')]
    warning: Vec<Limit>,
    /// Limit for critical, in the same form
    #[arg(long, value_name = "LIMIT", value_delimiter = ',')]
    critical: Vec<Limit>,
    /// Ask only the daemon with this address of its HTTP port, for example on another host
    #[arg(long, value_name = "ADDRESS:PORT")]
    at: Option<SocketAddr>,
    #[command(flatten)]
    tls: tls::TlsArguments,
    #[command(flatten)]
    form: Forms,
}

/// One flag for each format of the output.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the group lets one of them be set"
)]
struct Forms {
    /// Print a line with performance data and exit with 0 to 3; the default
    #[arg(long)]
    nagios: bool,
    /// Print JSON and exit as for Nagios
    #[arg(long)]
    json: bool,
    /// Exit with 0 if passing, 1 for a warning, 2 otherwise
    #[arg(long)]
    consul: bool,
    /// Exit with 0 if fine or a warning, 1 otherwise
    #[arg(long)]
    keepalived: bool,
    /// Exit with 1, or with 2 plus a weight, as keepalived expects for a dynamic weight
    #[arg(long)]
    misc_dynamic: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Checked {
    /// Whether the server is a primary or a standby
    Role,
    /// How far behind a standby is
    Lag,
    /// Whether WAL streams, from a primary or to a standby
    Replication,
    /// Whether replication slots hold the WAL that they should, and not too much
    Slots,
    /// Whether an ordinary client can connect
    Connect,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExpectedRole {
    Production,
    Standby,
}

impl From<Checked> for Subject {
    fn from(checked: Checked) -> Self {
        match checked {
            Checked::Role => Self::Role,
            Checked::Lag => Self::Lag,
            Checked::Replication => Self::Replication,
            Checked::Slots => Self::Slots,
            Checked::Connect => Self::Connect,
        }
    }
}

impl From<ExpectedRole> for CheckExpected {
    fn from(role: ExpectedRole) -> Self {
        match role {
            ExpectedRole::Production => Self::Production,
            ExpectedRole::Standby => Self::Standby,
        }
    }
}

impl Forms {
    fn form(&self) -> OutputFormat {
        let asked = [
            (self.nagios, OutputFormat::Nagios),
            (self.json, OutputFormat::Json),
            (self.consul, OutputFormat::Consul),
            (self.keepalived, OutputFormat::Keepalived),
            (self.misc_dynamic, OutputFormat::MiscDynamic),
        ];
        let asked = asked.into_iter().find(|(asked, _)| *asked);
        asked.map_or_else(OutputFormat::default, |(_, form)| form)
    }
}

pub(super) fn run(check: &CheckArguments) -> Exit {
    let form = check.form.form();
    let expected = check.expect.map(CheckExpected::from);
    let subject = check.subject.into();
    let question = match CheckQuestion::new(subject, expected, &check.warning, &check.critical) {
        Ok(question) => question,
        Err(mistake) => return misused(form).because(&mistake),
    };
    if check.at.is_some() && subject == Subject::Connect {
        let why =
            "--at: connect tests a connection to PostgreSQL from this host, which no daemon can do";
        return misused(form).saying(&format!("pgsql-state: {why}"));
    }
    let given = check.at.map(|at| check.tls.client(at)).transpose();
    let given = match given {
        Ok(given) => given.flatten(),
        Err(why) => return misused(form).saying(&format!("pgsql-state: {why}")),
    };
    let finding = match invocation::load(check.config.config.as_deref()) {
        Ok(settings) => {
            let source = match check.at {
                Some(address) => source::at(address, given, &settings),
                None => source::of(&settings, check.config.config.as_deref()),
            };
            let found = complete(find(&question, &settings, source));
            found.map_or(Err("the check could not be started"), |found| {
                found.ok_or("the daemon does not answer")
            })
        }
        Err(_) => Err("the configuration is wrong"),
    };
    let finding = finding.unwrap_or_else(|why| CheckFinding::unknown(subject, why));
    // If the line cannot be printed, the status still tells the result.
    print(&form.text(&finding)).ok();
    Exit::Plugin(form.exit(&finding))
}

/// The status for wrong arguments. keepalived with `misc_dynamic` would take the usual one for the weight of a working
/// server.
fn misused(form: OutputFormat) -> Exit {
    match form {
        OutputFormat::Nagios | OutputFormat::Json | OutputFormat::Consul => Exit::Usage,
        OutputFormat::Keepalived | OutputFormat::MiscDynamic => Exit::Failure,
    }
}

/// Whether wrong arguments seem to be meant for a plugin of keepalived.
pub(super) fn is_keepaliveds<'a>(mut arguments: impl Iterator<Item = &'a str>) -> bool {
    let checks = arguments.nth(1) == Some("check");
    checks && arguments.any(|argument| argument.starts_with("--k") || argument.starts_with("--m"))
}

/// Gathers and judges the facts; `None` if the daemon given with `--at` does not answer.
async fn find(
    question: &CheckQuestion,
    settings: &Configured,
    source: source::AskedFirst,
) -> Option<CheckFinding> {
    let conditions = settings.policy.conditions;
    Some(match question {
        CheckQuestion::Role(expected) => {
            let facts = source.facts(settings, Depth::Figures).await?;
            role::judge(*expected, &facts, &conditions, &settings.answer.words)
        }
        CheckQuestion::Lag(limits) => {
            let facts = source.facts(settings, Depth::Figures).await?;
            lag::judge(limits, &facts, &conditions)
        }
        CheckQuestion::Replication(least) => {
            let facts = source.facts(settings, Depth::Details).await?;
            replication::judge(*least, &facts)
        }
        CheckQuestion::Slots(most) => {
            let facts = source.facts(settings, Depth::Details).await?;
            slots::judge(*most, &facts)
        }
        CheckQuestion::Connect(most) => connection(*most, settings).await,
    })
}

/// Opens a connection as a client does. The daemon's own session is kept open, and does not show whether clients can
/// connect.
async fn connection(most: Bounds<Duration>, settings: &Configured) -> CheckFinding {
    let begun = Instant::now();
    let met = postgres::connect(&settings.postgres.target, settings.postgres.timeout).await;
    let took = begun.elapsed();
    let met = met
        .map(|(_, new_session)| new_session.slots)
        .map_err(|refusal| {
            source::report(settings, &refusal);
            refusal.failure
        });
    connect::judge(most, met, took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_arguments_for_keepalived_are_known_by_what_can_be_read() {
        for (line, is) in [
            ("pgsql-state check rol --misc-dynamic", true),
            ("pgsql-state check role --misc-dynamc", true),
            ("pgsql-state check lag --keepalived --warning", true),
            ("pgsql-state check rol", false),
            ("pgsql-state probe --misc-dynamic", false),
            ("pgsql-state", false),
        ] {
            assert_eq!(is_keepaliveds(line.split(' ')), is, "{line}");
        }
    }
}
