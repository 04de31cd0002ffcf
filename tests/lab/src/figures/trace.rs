//! Has strace note what Pacemaker's executor starts on each server while the role moves to another one and
//! back.

use std::fs;
use std::thread;
use std::time::Duration;

use super::forks::{Counted, read};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};

/// How long it notes. Traced, a switchover takes longer, and a monitor of each role comes every 16 s.
const WINDOW: Duration = Duration::from_secs(90);

/// Longest until it has begun to note, and until it has ended.
const ATTACHED: Duration = Duration::from_secs(10);

/// Longest that a switchover may take.
const SWITCHOVER: Duration = Duration::from_secs(60);

/// Attaches to the executor and all that it starts. With their variables, since those tell what a
/// notification is about.
fn script(file: &str) -> String {
    format!(
        "timeout --signal=INT {} strace -f -qq -v -s 300 -e signal=none \
         -e trace=fork,vfork,clone,clone3,execve -o {file} -p \"$(pgrep --exact pacemaker-execd)\" || true",
        WINDOW.as_secs()
    )
}

/// The calls of a switchover there and back, with what each forked.
pub(super) fn switchover(lab: &Lab, cluster: Cluster<'_>) -> Result<Vec<Counted>, Error> {
    let primary = cluster.primary()?;
    let standby = Host::SERVERS.into_iter().find(|host| *host != primary);
    let standby = standby.ok_or_else(|| Error::Unfit("there is one server only".into()))?;
    let name = |host: Host| format!("trace-{host}");
    let moved = thread::scope(|scope| {
        let tracers = Host::SERVERS.map(|host| {
            let script = script(&format!("/lab/results/{}", name(host)));
            scope.spawn(move || {
                let words = ["sh", "-c", &script];
                lab.host(host).run_within(WINDOW + ATTACHED, &words)
            })
        });
        let moved = move_and_come_back(lab, cluster, primary, standby);
        for tracer in tracers {
            tracer
                .join()
                .unwrap_or_else(|_| Err(Error::Unfit("a tracer panicked".into())))?;
        }
        moved
    });
    moved?;
    let mut calls = Vec::new();
    for host in Host::SERVERS {
        let file = lab.results().join(name(host));
        let text =
            fs::read_to_string(&file).map_err(Error::io(format!("read {}", file.display())))?;
        calls.extend(read(&text));
    }
    Ok(calls)
}

fn move_and_come_back(
    lab: &Lab,
    cluster: Cluster<'_>,
    primary: Host,
    standby: Host,
) -> Result<(), Error> {
    for host in Host::SERVERS {
        wait_for("the tracer to be attached", ATTACHED, || {
            let state = "grep --quiet '^TracerPid:\\s*[1-9]' \"/proc/$(pgrep --exact pacemaker-execd)/status\"";
            lab.host(host).shell(state)
        })?;
    }
    for to in [standby, primary] {
        cluster.move_to(to)?;
        wait_for(
            &format!("{to} to be the primary"),
            SWITCHOVER,
            || match cluster.primary()? {
                now if now == to => Ok(()),
                now => Err(Error::Unfit(format!("{now} is"))),
            },
        )?;
        // PAF gives the role back if the move is withdrawn sooner.
        cluster.wait_until_whole()?;
        cluster.withdraw(to)?;
    }
    Ok(())
}
