//! What a real HAProxy makes of the HTTP port, configured as for others.

use std::net::SocketAddrV4;
use std::time::Duration;

use support::postgres::query_at;
use support::{Haproxy, Mode, Postgres, Status, Trouble, ports};

use crate::{Served, pair, serving};

/// Three bad checks, three seconds apart, and their beginning.
const PATRONIS_PACE: Duration = Duration::from_secs(40);

/// Patroni's template, with the addresses of these servers and their check ports.
fn patronis(
    name: &str,
    bind: SocketAddrV4,
    check: &str,
    servers: &[(&Postgres, &Served)],
) -> Result<String, Trouble> {
    let lines: Vec<String> = servers
        .iter()
        .enumerate()
        .map(|(index, (postgres, served))| {
            let tcp = postgres.tcp();
            let tcp = tcp.ok_or_else(|| Trouble::Unfit("the server is not on TCP".into()))?;
            let (address, port) = (served.http.ip(), served.http.port());
            let number = index + 1;
            Ok(format!(
                "    server srv{number} {tcp} maxconn 100 check addr {address} port {port}\n"
            ))
        })
        .collect::<Result<_, Trouble>>()?;
    Ok(format!(
        "listen {name}\n    bind {bind}\n    timeout check 5s\n    {check}\n    \
         default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions\n{}",
        lines.concat()
    ))
}

#[test]
fn patronis_template_works_as_it_is() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    let (first, second) = (serving(&primary, "")?, serving(&standby, "")?);
    let (any, writers, readers) = (ports::free()?, ports::free()?, ports::free()?);
    let servers = [(&primary, &first), (&standby, &second)];
    let expect = "http-check expect status 200";
    let checks = |check: &str| format!("option httpchk {check}\n    {expect}");
    let text = [
        patronis("batman", any, &checks(""), &servers)?,
        patronis("primary", writers, &checks("HEAD /primary"), &servers)?,
        patronis("replicas", readers, &checks("HEAD /replica"), &servers)?,
    ];
    let haproxy = Haproxy::start_with(&text.concat())?;
    for (server, status) in [
        (("batman", "srv2"), Status::Down),
        (("primary", "srv2"), Status::Down),
        (("replicas", "srv1"), Status::Down),
        (("batman", "srv1"), Status::Up),
        (("primary", "srv1"), Status::Up),
        (("replicas", "srv2"), Status::Up),
    ] {
        haproxy.wait_for(PATRONIS_PACE, server, status)?;
    }
    let in_recovery = "SELECT pg_is_in_recovery()";
    assert_eq!(query_at(any, in_recovery)?, "f");
    assert_eq!(query_at(writers, in_recovery)?, "f");
    assert_eq!(query_at(readers, in_recovery)?, "t");

    primary.stop(Mode::Fast)?;
    standby.promote()?;
    haproxy.wait_for(PATRONIS_PACE, ("primary", "srv2"), Status::Up)?;
    haproxy.wait_for(PATRONIS_PACE, ("primary", "srv1"), Status::Down)?;
    query_at(writers, "CREATE TABLE moved ()")?;
    Ok(())
}

#[test]
fn the_checks_of_the_scripts_behind_xinetd_work_as_they_are() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    let config = "[http]\ndialect = \"xinetd\"\n";
    let (first, second) = (serving(&primary, config)?, serving(&standby, config)?);
    let servers = [(&primary, &first), (&standby, &second)];
    let (writers, readers) = (ports::free()?, ports::free()?);
    let check = |status: u16| format!("option httpchk\n    http-check expect status {status}");
    let text = patronis("primary", writers, &check(200), &servers)?
        + &patronis("replicas", readers, &check(206), &servers)?;
    let haproxy = Haproxy::start_with(&text)?;
    for (server, status) in [
        (("primary", "srv2"), Status::Down),
        (("replicas", "srv1"), Status::Down),
        (("primary", "srv1"), Status::Up),
        (("replicas", "srv2"), Status::Up),
    ] {
        haproxy.wait_for(PATRONIS_PACE, server, status)?;
    }
    Ok(())
}
