//! The agent port: what it answers to which question, and what a real HAProxy makes of it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

use support::postgres::{MONITOR, connect_at, query_at, rows};
use support::{Daemon, Haproxy, Mode, Postgres, Status, Trouble, Whom, ports, until, until_ok};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// The longest that a view is waited for.
const LISTEN: Duration = Duration::from_millis(50);

const LIMIT: &str = "[standby]\nmax_lag = \"16MB\"\n";

/// Writes some four megabytes of WAL.
const WRITE: &str = "CREATE TABLE written AS SELECT generate_series(1, 60000)";

/// A daemon with an agent port.
struct Agent {
    daemon: Daemon,
    address: SocketAddrV4,
}

impl Agent {
    fn of(server: &Postgres, config: &str) -> Result<Self, Trouble> {
        Self::admitting(server, config, "trusted = [\"127.0.0.0/8\"]\n")
    }

    fn admitting(server: &Postgres, config: &str, admission: &str) -> Result<Self, Trouble> {
        let (state, address) = (ports::free()?, ports::free()?);
        let daemon = Daemon::binding(PROGRAM, state)
            .config(&format!("agent_check = [\"{address}\"]\n"))
            .asking(&server.conninfo(MONITOR))
            .config("timeout = \"2s\"\n")
            .config(config)
            .admission(admission)
            .start()?;
        Ok(Self { daemon, address })
    }

    /// The answer, with its newline, to a question that is sent as it stands.
    fn asked(&self, question: &[u8]) -> Result<String, Trouble> {
        let exchange = || {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(SECONDS))?;
            stream.write_all(question)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        exchange().map_err(Trouble::io("ask the agent port"))
    }

    fn wait_for(&self, question: &str, line: &str) -> Result<(), Trouble> {
        until_ok(
            SECONDS,
            &format!("{question:?} to be answered {line:?}"),
            || match self.asked(question.as_bytes()) {
                Ok(answer) if answer == line => Ok(()),
                Ok(answer) => Err(format!("it is {answer:?}")),
                Err(trouble) => Err(trouble.to_string()),
            },
        )
    }

    /// A server line of HAProxy: its agent is asked often, its ordinary check sees only whether the
    /// daemon and PostgreSQL are there.
    fn server(&self, name: &str, server: &Postgres, view: &str) -> Result<String, Trouble> {
        let tcp = server.tcp();
        let tcp = tcp.ok_or_else(|| Trouble::Unfit("the server is not on TCP".into()))?;
        let (state, agent) = (self.daemon.state(), self.address);
        Ok(format!(
            "    server {name} {tcp} weight 100 check addr {} port {} agent-check agent-addr {} \
             agent-port {} agent-inter 50ms agent-send \"{view}\\n\"\n",
            state.ip(),
            state.port(),
            agent.ip(),
            agent.port(),
        ))
    }
}

/// A farm that is steered by its agents.
fn farm(name: &str, bind: SocketAddrV4, servers: &[String]) -> String {
    format!(
        "listen {name}\n    bind {bind}\n    timeout check 3s\n    option tcp-check\n    \
         tcp-check expect rstring ^(production|standby|lagging)\n    default-server inter 50ms rise \
         1 fall 1\n{}",
        servers.concat()
    )
}

#[test]
fn each_view_has_its_answer_and_what_is_none_is_told() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let first = Agent::of(&primary, "[agent_check]\nview = \"rw\"\n")?;
    let second = Agent::of(&standby, "")?;
    for (question, of_primary, of_standby) in [
        ("rw\n", "up ready 100%\n", "up drain\n"),
        ("ro\n", "up drain\n", "up ready 100%\n"),
        ("ro", "up drain\n", "up ready 100%\n"),
        ("ro\r\nrw\n", "up drain\n", "up ready 100%\n"),
        ("\n", "up ready 100%\n", "up ready 100%\n"),
        ("RW\n", "down #no-such-view\n", "down #no-such-view\n"),
        (
            "GET / HTTP/1.1\r\nHost: srv1\r\n\r\n",
            "down #no-such-view\n",
            "down #no-such-view\n",
        ),
    ] {
        first.wait_for(question, of_primary)?;
        second.wait_for(question, of_standby)?;
    }
    Ok(())
}

#[test]
fn who_asks_nothing_gets_the_configured_view_soon() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let agent = Agent::of(&primary, "[agent_check]\nview = \"rw\"\n")?;
    agent.wait_for("rw\n", "up ready 100%\n")?;
    let asked = Instant::now();
    assert_eq!(agent.asked(b"")?, "up ready 100%\n");
    assert!(asked.elapsed() >= LISTEN);
    // A client that has said that it will say nothing need not be waited for.
    let half_closed = || {
        let mut stream = TcpStream::connect(agent.address)?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = half_closed().map_err(Trouble::io("ask with a closed mouth"))?;
    assert_eq!(answer, "up ready 100%\n");
    Ok(())
}

#[test]
fn silent_clients_keep_nobody_waiting() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    // They would hold every slot.
    let agent = Agent::admitting(
        &primary,
        "",
        "trusted = [\"127.0.0.0/8\"]\nmax_connections = 20\n",
    )?;
    agent.daemon.wait_for(SECONDS, "production")?;
    let connect = |_| TcpStream::connect(agent.address);
    let silent: Result<Vec<_>, _> = (0..100).map(connect).collect();
    let _silent = silent.map_err(Trouble::io("connect"))?;
    assert_eq!(agent.daemon.ask().ok().as_deref(), Some("production"));
    assert_eq!(agent.asked(b"rw\n")?, "up ready 100%\n");
    Ok(())
}

#[test]
fn haproxy_follows_the_roles_and_a_promotion() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().tcp(ports::free()?).start()?;
    let standby = primary.standby().tcp(ports::free()?).start()?;
    let (first, second) = (Agent::of(&primary, "")?, Agent::of(&standby, "")?);
    let (writers, readers) = (ports::free()?, ports::free()?);
    let servers = |view| {
        Ok::<_, Trouble>([
            first.server("srv1", &primary, view)?,
            second.server("srv2", &standby, view)?,
        ])
    };
    let text = farm("prod", writers, &servers("rw")?) + &farm("stdby", readers, &servers("ro")?);
    let haproxy = Haproxy::start_with(&text)?;
    for (server, status) in [
        (("prod", "srv1"), Status::Up),
        (("prod", "srv2"), Status::NoLb),
        (("stdby", "srv1"), Status::NoLb),
        (("stdby", "srv2"), Status::Up),
    ] {
        haproxy.wait_for(SECONDS, server, status)?;
    }
    let in_recovery = "SELECT pg_is_in_recovery()";
    assert_eq!(query_at(writers, in_recovery)?, "f");
    assert_eq!(query_at(readers, in_recovery)?, "t");

    primary.stop(Mode::Fast)?;
    haproxy.wait_for(SECONDS, ("prod", "srv1"), Status::Down)?;
    standby.promote()?;
    haproxy.wait_for(SECONDS, ("prod", "srv2"), Status::Up)?;
    haproxy.wait_for(SECONDS, ("stdby", "srv2"), Status::NoLb)?;
    query_at(writers, "CREATE TABLE moved ()")?;
    Ok(())
}

#[test]
fn a_drained_server_keeps_its_sessions_and_gets_no_new_ones() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().tcp(ports::free()?).start()?;
    let scratch = support::scratch::Scratch::new()?;
    let file = scratch.path().join("maintenance");
    let config = format!("[guard]\nmaintenance_file = \"{}\"\n", file.display());
    let agent = Agent::of(&standby, &config)?;
    let readers = ports::free()?;
    let server = agent.server("srv2", &standby, "ro")?;
    let haproxy = Haproxy::start_with(&farm("stdby", readers, &[server]))?;
    agent.wait_for("ro\n", "up ready 100%\n")?;
    haproxy.wait_for(SECONDS, ("stdby", "srv2"), Status::Up)?;
    let mut session = connect_at(readers)?;

    std::fs::write(&file, "drain\n").map_err(Trouble::io("order to drain"))?;
    haproxy.wait_for(SECONDS, ("stdby", "srv2"), Status::NoLb)?;
    assert_eq!(agent.asked(b"ro\n")?, "up drain #maintenance\n");
    assert_eq!(rows(&mut session, "SELECT 7").ok().as_deref(), Some("7"));
    assert!(connect_at(readers).is_err());

    std::fs::write(&file, "down\n").map_err(Trouble::io("order to go"))?;
    haproxy.wait_for(SECONDS, ("stdby", "srv2"), Status::Maint)?;
    std::fs::remove_file(&file).map_err(Trouble::io("take the order back"))?;
    haproxy.wait_for(SECONDS, ("stdby", "srv2"), Status::Up)?;
    assert_eq!(query_at(readers, "SELECT 7")?, "7");
    Ok(())
}

#[test]
fn the_weight_follows_the_lag_before_the_limit_is_reached() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let mut standby = primary.standby().tcp(ports::free()?).start()?;
    let agent = Agent::of(&standby, LIMIT)?;
    agent.wait_for("ro\n", "up ready 100%\n")?;
    let server = agent.server("srv2", &standby, "ro")?;
    let haproxy = Haproxy::start_with(&farm("stdby", ports::free()?, &[server]))?;
    let weight = |wanted: fn(u32) -> bool| {
        until_ok(SECONDS, "the weight", || {
            match haproxy.row("stdby", "srv2") {
                Ok(row) if wanted(row.weight) && row.status == Status::Up => Ok(()),
                Ok(row) => Err(format!("it is {row:?}")),
                Err(trouble) => Err(trouble.to_string()),
            }
        })
    };
    weight(|weight| weight == 100)?;
    standby.freeze(Whom::Child("startup"))?;
    primary.query(WRITE)?;
    weight(|weight| (30..100).contains(&weight))?;
    standby.thaw()?;
    weight(|weight| weight == 100)
}

#[test]
fn a_daemon_that_has_gone_leaves_no_server_up() -> Result<(), Trouble> {
    let primary = Postgres::primary().tcp(ports::free()?).start()?;
    let mut agent = Agent::of(&primary, "")?;
    let server = agent.server("srv1", &primary, "rw")?;
    let haproxy = Haproxy::start_with(&farm("prod", ports::free()?, &[server]))?;
    agent.wait_for("rw\n", "up ready 100%\n")?;
    haproxy.wait_for(SECONDS, ("prod", "srv1"), Status::Up)?;
    until(SECONDS, "a check to pass", || {
        haproxy
            .row("prod", "srv1")
            .is_ok_and(|row| row.check_status.ends_with("L7OK"))
    })?;
    agent.daemon.stop()?;
    haproxy.wait_for(SECONDS, ("prod", "srv1"), Status::Down)?;
    Ok(())
}
