//! `pgsql-state check`: a plugin of Nagios and its kin, of Consul and of keepalived.

mod source;
mod tls;

pub(super) use source::reachable;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::exit::{Exit, complete, print};
use super::{Config, surroundings};
use crate::daemon::Configured;
use crate::daemon::observe::Depth;
use crate::postgres;
use crate::tools::check::{
    Bounds, CheckExpected, CheckFinding, CheckQuestion, Limit, OutputFormat, Subject, connect, lag,
    replication, role,
};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// What is checked
    subject: Checked,
    #[command(flatten)]
    config: Config,
    /// The role that is expected; any other is critical
    #[arg(long, value_name = "ROLE")]
    expect: Option<ExpectedRole>,
    /// Where a warning begins: of a lag above 16MB, 10s or both; of replication below a number of
    /// streaming senders; of a connection that takes longer than a duration
    #[arg(long, value_name = "LIMIT", value_delimiter = ',')]
    warning: Vec<Limit>,
    /// Where it is critical, written alike
    #[arg(long, value_name = "LIMIT", value_delimiter = ',')]
    critical: Vec<Limit>,
    /// Ask the daemon that answers HTTP here, and nobody else: that of another host, say
    #[arg(long, value_name = "ADDRESS:PORT")]
    at: Option<SocketAddr>,
    #[command(flatten)]
    tls: tls::TlsArguments,
    #[command(flatten)]
    form: Forms,
}

/// One flag for each form, since that is how plugins are told.
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
    /// Exit with 0 if passing, 1 for a warning, 2 else
    #[arg(long)]
    consul: bool,
    /// Exit with 0 if fine or a warning, 1 else
    #[arg(long)]
    keepalived: bool,
    /// Exit with 1, or with a weight and 2, as keepalived has it for a dynamic weight
    #[arg(long)]
    misc_dynamic: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Checked {
    /// Whether it is a primary or a standby
    Role,
    /// How far behind a standby is
    Lag,
    /// Whether WAL streams, from a primary or to a standby
    Replication,
    /// Whether an ordinary client gets in
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
        let why = "--at: a connection is made to PostgreSQL, which no daemon can do for others";
        return misused(form).saying(&format!("pgsql-state: {why}"));
    }
    let given = check.at.map(|at| check.tls.client(at)).transpose();
    let given = match given {
        Ok(given) => given.flatten(),
        Err(why) => return misused(form).saying(&format!("pgsql-state: {why}")),
    };
    let finding = match surroundings::load(check.config.config.as_deref()) {
        Ok(settings) => {
            let source = match check.at {
                Some(address) => source::at(address, given, &settings),
                None => source::of(&settings, check.config.config.as_deref()),
            };
            let found = complete(find(&question, &settings, source));
            found.map_or(Err("it could not begin"), |found| {
                found.ok_or("the daemon does not tell")
            })
        }
        Err(_) => Err("the configuration is wrong"),
    };
    let finding = finding.unwrap_or_else(|why| CheckFinding::unknown(subject, why));
    // Whoever does not read the line reads the status.
    print(&form.text(&finding)).ok();
    Exit::Plugin(form.exit(&finding))
}

/// To keepalived with `misc_dynamic` the usual status of wrong arguments is a server with a weight.
fn misused(form: OutputFormat) -> Exit {
    match form {
        OutputFormat::Nagios | OutputFormat::Json | OutputFormat::Consul => Exit::Usage,
        OutputFormat::Keepalived | OutputFormat::MiscDynamic => Exit::Failure,
    }
}

/// Whether wrong arguments are a plugin's of keepalived, as far as wrong arguments tell.
pub(super) fn is_keepaliveds<'a>(mut arguments: impl Iterator<Item = &'a str>) -> bool {
    let checks = arguments.nth(1) == Some("check");
    checks && arguments.any(|argument| argument.starts_with("--k") || argument.starts_with("--m"))
}

/// None where the one who was to be asked does not tell.
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
        CheckQuestion::Connect(most) => connection(*most, settings).await,
    })
}

/// A connection as a client makes one: the daemon's own is kept, and proves nothing of it.
async fn connection(most: Bounds<Duration>, settings: &Configured) -> CheckFinding {
    let begun = Instant::now();
    let met = postgres::connect(&settings.postgres.target, settings.postgres.timeout).await;
    let took = begun.elapsed();
    let met = met.map(|(_, entrance)| entrance.room).map_err(|refusal| {
        source::tell(settings, &refusal);
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
