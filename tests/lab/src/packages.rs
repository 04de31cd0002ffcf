//! The Debian packages on a fresh host, as its administrator uses them: installed, asked, upgraded while
//! others ask, removed and purged.
//!
//! - [`steady_checks`]: those who ask meanwhile.
//! - [`leftovers`]: what is there that was not there before.

mod leftovers;
mod steady_checks;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use leftovers::Files;
use steady_checks::SteadyChecks;
use support::suites::Suite;

use crate::base::{self, Root};
use crate::error::Error;
use crate::host::Host;
use crate::lab::{self, Afterwards, Lab, On, wait_for};
use crate::places::Places;
use crate::plan::Plan;
use crate::say::say;

/// Longest that one step of the packages' manager may take.
const LIMIT: Duration = Duration::from_secs(180);

/// Longest until the daemon answers as it is to.
const ANSWERING: Duration = Duration::from_secs(20);

/// The packages that are tried.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Packages {
    /// Debian's suite that the host is of, one of tests/suites
    #[arg(long, env = "SUITE", default_value = "stable")]
    suite: Suite,
    /// What is installed first
    older: PathBuf,
    /// What takes its place
    newer: PathBuf,
}

/// Tries them on a host that boots for it and ends with it. An error says what was not as it has to be.
pub(crate) fn try_out(places: &Places, packages: &Packages) -> Result<(), Error> {
    let plan = Plan::of_no_cluster(packages.suite.clone());
    let root = Root::Cluster(&plan);
    lab::apart(places, &root, &[Host::Srv1], Afterwards::End, |lab| {
        let folder = places.share().join("packages");
        fs::create_dir_all(&folder).map_err(Error::io(format!("make {}", folder.display())))?;
        base::copy(&packages.older, &folder.join("older.deb"))?;
        base::copy(&packages.newer, &folder.join("newer.deb"))?;
        play(lab, &packages.suite)
    })
}

fn play(lab: &Lab, suite: &Suite) -> Result<(), Error> {
    let started = Instant::now();
    let tell = |what: &str| {
        say(&format!(
            "{:6.1} s  {what}",
            started.elapsed().as_secs_f64()
        ));
    };
    let on = lab.host(Host::Srv1);
    let major = suite.postgresql;
    on.shell(&format!("pg_createcluster {major} main --start >/dev/null"))?;
    let before = Files::of(on)?;

    install(on, "older")?;
    expect(
        on,
        "systemctl is-active pgsql-state.socket || true",
        "inactive",
    )?;
    expect(
        on,
        "systemctl is-enabled pgsql-state.socket || true",
        "disabled",
    )?;
    tell("installed; nothing was started or enabled");

    expect(on, FOLDER, "root:pgsql-state 750")?;
    on.shell(
        "pgsql-state generate role-sql | runuser --user postgres -- psql --quiet\n\
         echo '[answer]' | install -m 640 -g pgsql-state /dev/stdin /etc/pgsql-state/pgsql-state.toml\n\
         systemctl enable --quiet --now pgsql-state.socket",
    )?;
    wait_for("an answer", ANSWERING, || expect_production(on))?;
    tell("asked: production");

    configuration(on)?;
    tell("the configuration is for root and the daemon, also as the server's user");

    // Whoever changes it means it.
    on.shell("chmod 2770 /etc/pgsql-state")?;
    upgrade(on)?;
    expect(on, FOLDER, "root:pgsql-state 2770")?;
    tell("upgraded; every check was answered");

    process_for_each_check(on)?;
    tell("a process for each check answers too");

    apt(on, "remove pgsql-state")?;
    expect(
        on,
        "(: </dev/tcp/127.0.0.1/5431) 2>/dev/null && echo open || echo gone",
        "gone",
    )?;
    expect(
        on,
        "systemctl list-units --plain --no-legend 'pgsql-state*'",
        "",
    )?;
    expect(on, "ls /etc/pgsql-state", "pgsql-state.toml")?;
    tell("removed; the configuration stays");

    apt(on, "purge pgsql-state")?;
    let after = Files::of(on)?;
    let left = after.beyond(&before);
    if !left.is_empty() {
        return Err(Error::Unfit(format!("a purge leaves {}", left.join(" "))));
    }
    tell("purged; nothing is left but the user");

    on.shell("dpkg-statoverride --add root adm 0710 /etc/pgsql-state")?;
    install(on, "older")?;
    expect(on, FOLDER, "root:adm 710")?;
    tell("installed again; an administrator's override counts");
    Ok(())
}

/// Whose the folder of the configuration is.
const FOLDER: &str = "stat --format='%U:%G %a' /etc/pgsql-state";

/// Nobody reads it who is not of the group; the drop-in by which the daemon is the server's user has the group.
fn configuration(on: On<'_>) -> Result<(), Error> {
    const CHECK: &str = "pgsql-state check-config 2>/dev/null || echo $?";
    for (who, expected) in [
        ("", "good"),
        ("runuser -u pgsql-state --", "good"),
        ("runuser -u postgres --", "78"),
        ("runuser -u postgres -G pgsql-state --", "good"),
    ] {
        let line = format!("{who} sh -c '{CHECK}' | cut --delimiter=';' --fields=1");
        expect(on, &line, expected)?;
    }
    let drop_ins = "/etc/systemd/system/pgsql-state.service.d";
    let restart = "systemctl daemon-reload && systemctl restart pgsql-state.service";
    on.shell(&format!(
        "install -D -m 644 -t {drop_ins} /usr/share/doc/pgsql-state/drop-ins/as-postgres.conf && {restart}"
    ))?;
    wait_for("an answer", ANSWERING, || expect_production(on))?;
    let pid = "$(systemctl show --value --property=MainPID pgsql-state.service)";
    expect(on, &format!("stat --format=%U /proc/{pid}"), "postgres")?;
    on.shell(&format!("rm -r {drop_ins} && {restart}"))?;
    wait_for("an answer", ANSWERING, || expect_production(on))
}

fn install(on: On<'_>, package: &str) -> Result<(), Error> {
    apt(on, &format!("install /lab/packages/{package}.deb"))
}

fn apt(on: On<'_>, what: &str) -> Result<(), Error> {
    let line = format!("DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --yes {what} >/dev/null");
    on.run_within(LIMIT, &["sh", "-c", &line]).map(drop)
}

/// The daemon is another one afterwards, the socket is the same, and nobody has noticed.
fn upgrade(on: On<'_>) -> Result<(), Error> {
    let daemon = || on.shell("systemctl show --value --property=MainPID pgsql-state.service");
    let socket =
        || on.shell("systemctl show --property=ActiveEnterTimestampMonotonic pgsql-state.socket");
    let version = || on.shell("dpkg-query --show --showformat='${Version}' pgsql-state");
    let before = (daemon()?, version()?, socket()?);
    let asking = SteadyChecks::begin(on)?;
    install(on, "newer")?;
    wait_for("the daemon to be replaced", ANSWERING, || {
        let now = daemon()?;
        let running = now != before.0 && now.trim() != "0";
        running
            .then_some(())
            .ok_or_else(|| Error::Unfit("it is the same".into()))
    })?;
    let said = asking.end()?;
    if version()? == before.1 {
        return Err(Error::Unfit(
            "the version is the same after the upgrade".into(),
        ));
    }
    if socket()? != before.2 {
        return Err(Error::Unfit("the upgrade closed the socket".into()));
    }
    expect_production(on)?;
    say(&format!("          {said}"));
    Ok(())
}

/// The unit for `Accept=yes` works in its sandbox.
fn process_for_each_check(on: On<'_>) -> Result<(), Error> {
    on.shell("systemctl stop pgsql-state.service pgsql-state.socket && systemctl start pgsql-state-answer.socket")?;
    wait_for("an answer of a process", ANSWERING, || {
        expect_production(on)
    })?;
    on.shell("systemctl stop pgsql-state-answer.socket && systemctl start pgsql-state.socket")
        .map(drop)
}

fn expect_production(on: On<'_>) -> Result<(), Error> {
    expect(on, "pgsql-state ask localhost", "localhost: production")
}

/// A line of shell says this and nothing else.
fn expect(on: On<'_>, line: &str, expected: &str) -> Result<(), Error> {
    let said = on.shell(line)?;
    if said.trim_end() == expected {
        return Ok(());
    }
    let said = said.trim_end();
    Err(Error::Unfit(format!(
        "`{line}` says {said:?}, not {expected:?}"
    )))
}
