//! Writes pgsql-state(8): every subcommand with its options, answers, findings, metrics, files, variables and signals.

use std::io;

use clap::Command;

use super::page::Page;
use crate::admit::Reason;
use crate::answer::metrics::METRICS;
use crate::cli::exit::Exit;
use crate::config::{DEFAULT_PATH, Guard};
use crate::health::{DownReason, LagReason};
use crate::postgres::conninfo::Keyword;
use crate::tools::doctor::Id;
use crate::tools::lint::Rule;

/// Tasks, and the command for each.
pub(super) const EXAMPLES: [(&str, &str); 6] = [
    ("What are the servers?", "pgsql-state ask srv1 srv2 srv3"),
    (
        "Is the configuration valid, and is a client answered?",
        "pgsql-state check-config --explain 10.20.30.99",
    ),
    (
        "The role that asks PostgreSQL, to be created once on the primary:",
        "pgsql-state generate role-sql | sudo -u postgres psql",
    ),
    (
        "HAProxy's configuration for three servers:",
        "pgsql-state generate haproxy --profile safe --node srv1=10.20.30.51 --node srv2=10.20.30.52 \
         --node srv3=10.20.30.53",
    ),
    (
        "Can this node come back as a standby, and what would be thrown away?",
        "pgsql-state rejoin --plan",
    ),
    (
        "No new sessions on this server for ten minutes:",
        "pgsql-state maintenance on --for 10m",
    ),
];

pub(super) fn page(mut command: Command) -> io::Result<String> {
    command.build();
    let about = command.get_about().map(ToString::to_string);
    let mut page = Page::new(
        "pgsql-state",
        "8",
        &in_a_sentence(&about.unwrap_or_default()),
    );
    page.section("SYNOPSIS")
        .text("`pgsql-state` COMMAND [OPTION]... [ARGUMENT]...");
    page.section("DESCRIPTION")
        .text(
            "`pgsql-state` runs beside a PostgreSQL server and reports on TCP port 5431, in one line, the state of that \
            server. HAProxy uses it to send writers to the primary and readers to the standbys. Each \
            answer is based on a question sent to the server after the check arrived, and one session serves any \
            number of checks. A role that cannot be proven is never reported.",
        )
        .paragraph(
            "The sockets `http` and `agent-check` give the same answer over HTTP, with the paths of Patroni and metrics for \
            Prometheus, and as HAProxy's agent-check.",
        );
    page.section("COMMANDS")
        .text("Every command has `--help` and `--version`.");
    commands(&command, "", &mut page)?;
    answers(&mut page);
    refusals(&mut page);
    findings(&mut page);
    page.section("METRICS");
    for metric in METRICS {
        let labels = match metric.labels {
            "" => String::new(),
            labels => format!(". Labels: {labels}"),
        };
        page.item(
            &format!("`{}`", metric.family()),
            &format!("{}{labels}", metric.help),
        );
    }
    page.section("EXIT STATUS");
    for (status, meaning) in Exit::MANUAL {
        page.item(&format!("`{}`", status.number()), meaning);
    }
    files(&mut page);
    environment(&command, &mut page);
    page.section("SIGNALS")
        .item(
            "`SIGHUP`",
            "reload the configuration; an invalid one changes nothing",
        )
        .item(
            "`SIGTERM`, `SIGINT`",
            "stop; answers under way are completed, for at most `service.grace`",
        );
    page.section("EXAMPLES");
    for (purpose, line) in EXAMPLES {
        page.item(purpose, &format!("`{line}`"));
    }
    page.section("SEE ALSO").text(
        "`pgsql-state.toml`(5), `haproxy`(1), `psql`(1), `systemctl`(1), `systemd.socket`(5)",
    );
    Ok(page.finish())
}

/// Adds each subcommand and its subcommands. `above` is the beginning of their names.
fn commands(command: &Command, above: &str, page: &mut Page) -> io::Result<()> {
    let subcommands = command.get_subcommands();
    let shown = subcommands
        .filter(|subcommand| subcommand.get_name() != "help" && !subcommand.is_hide_set());
    for subcommand in shown {
        let name = format!("{above}{}", subcommand.get_name());
        page.part(&name).command(subcommand)?;
        commands(subcommand, &format!("{name} "), page)?;
    }
    Ok(())
}

fn answers(page: &mut Page) {
    page.section("ANSWERS")
        .text("One line, then the end of the stream. A refused client is disconnected without a response.")
        .item(
            "`production`",
            "the server accepts writes as a primary; `answer.production` renames it",
        )
        .item(
            "`standby`",
            "the server is a hot standby that clients can reach, and meets every condition of `[standby]`; \
            `answer.standby` renames it",
        )
        .item(
            "`lagging` REASON",
            "the server is a hot standby that does not meet a condition",
        )
        .item("`down` REASON", "anything else");
    page.part("Reasons of lagging");
    for reason in LagReason::ALL {
        let text = format!("{}. Condition: {}", reason.meaning(), reason.condition());
        page.item(&format!("`{}`", reason.word()), &text);
    }
    page.part("Reasons of down");
    for reason in DownReason::ALL {
        let text = format!("{}. Look at: {}", reason.meaning(), reason.look_at());
        page.item(&format!("`{}`", reason.word()), &text);
    }
}

fn refusals(page: &mut Page) {
    page.part("Reasons of a refusal, in the log and the metrics");
    for reason in Reason::ALL {
        if reason.is_refusal() {
            page.item(&format!("`{}`", reason.word()), reason.meaning());
        }
    }
}

fn findings(page: &mut Page) {
    page.section("FINDINGS").part("Of doctor");
    for id in Id::ALL {
        let text = format!("checks whether {}. If not: {}", id.checks(), id.why());
        page.item(&format!("`{}`", id.word()), &text);
    }
    page.part("Of lint haproxy");
    for rule in Rule::ALL {
        let text = format!("{}. Remedy: {}", rule.meaning(), rule.remedy());
        page.item(&format!("`{}`", rule.id()), &text);
    }
}

fn files(page: &mut Page) {
    let Guard {
        maintenance_file,
        quorum_file,
        ..
    } = Guard::default();
    let order = maintenance_file.display().to_string();
    let quorum = quorum_file.display().to_string();
    page.section("FILES");
    for (path, about) in [
        (
            DEFAULT_PATH,
            "the configuration, which may be absent: `pgsql-state.toml`(5)",
        ),
        (
            &order,
            "while it exists, the server is in maintenance (`guard.maintenance_file`)",
        ),
        (
            &quorum,
            "Pacemaker's answer whether the node has quorum, written by `pgsql-state quorum` (`guard.quorum_file`)",
        ),
        (
            "DATADIR.rejoin",
            "beside a data directory: how far `rejoin` has come, and what a repetition needs",
        ),
        (
            "DATADIR.discarded-TIMELINE-POSITION",
            "the WAL that `rejoin` has thrown away up to this position",
        ),
        ("~/.pgpass", "passwords for PostgreSQL, as libpq reads them"),
        (
            "~/.pg_service.conf",
            "services for `postgres.conninfo`, as libpq reads them; then `pg_service.conf` in `/etc/postgresql-common` or \
             `/etc/sysconfig/pgsql`",
        ),
        (
            "/usr/share/doc/pgsql-state",
            "an example of the configuration, drop-ins for the units, alert rules and a dashboard",
        ),
    ] {
        page.item(&format!("`{path}`"), about);
    }
}

fn environment(command: &Command, page: &mut Page) {
    page.section("ENVIRONMENT");
    for (variable, option) in own_variables(command) {
        page.item(&format!("`{variable}`"), &format!("same as `{option}`"));
    }
    let libpqs: Vec<String> = Keyword::variables()
        .map(|variable| format!("`{variable}`"))
        .collect();
    page.item(
        &libpqs.join(", "),
        "defaults for what `postgres.conninfo` leaves out, as for libpq",
    )
    .item(
        "`HA_SBIN_DIR`, `HA_RSCTMP`, `RUNTIME_DIRECTORY`",
        "for `keeper`, and the first also for `rejoin` and `agent explain`: the folders of Pacemaker's programs (`/usr/sbin`), of the agent's lock (`/run/resource-agents`), and of \
        its own (`/run/pgsql-state/keeper`)",
    )
    .item("`PGSYSCONFDIR`", "the folder of the system's `pg_service.conf`")
    .item(
        "`LISTEN_FDS`, `LISTEN_PID`, `LISTEN_FDNAMES`",
        "the sockets that systemd passes, by name: `state`, `http`, `agent-check`; one without a name is `state`",
    )
    .item(
        "`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`, `JOURNAL_STREAM`",
        "set by systemd: where readiness and status are reported, and whether the log goes to the journal",
    );
}

/// The variables that set an option of a command or of its subcommands, each once.
fn own_variables(command: &Command) -> Vec<(String, String)> {
    let arguments = command.get_arguments();
    let own = arguments.filter_map(|argument| {
        let variable = argument.get_env()?.to_string_lossy().into_owned();
        Some((variable, format!("--{}", argument.get_long()?)))
    });
    let below = command.get_subcommands().flat_map(own_variables);
    let mut variables: Vec<_> = own.chain(below).collect();
    variables.sort();
    variables.dedup();
    variables
}

/// The text with a lower-case first letter, as the end of a sentence.
fn in_a_sentence(about: &str) -> String {
    let mut letters = about.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
