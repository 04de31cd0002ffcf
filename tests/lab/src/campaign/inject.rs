//! Does faults and takes them back. What is taken back may be gone already, with its host: taking back is repeated
//! until it succeeds, and changes nothing the second time.

use std::time::Duration;

use super::fault::{Fault, Kind, Whom};
use super::kinds::ALL;
use super::targets::{Targets, each};
use crate::cluster::MARK;
use crate::error::Error;
use crate::host::Host;

const DATA: &str = "/var/lib/postgresql";
const SETTINGS: &str = "/etc/pgsql-cluster/server.conf";
const HBA: &str = "/etc/pgsql-cluster/pg_hba.conf";
const CLONE: &str = "crm_resource --resource pgsqld-clone";
const RELOAD: &str =
    "kill -HUP \"$(head -n 1 $PG_DATA/postmaster.pid 2>/dev/null)\" 2>/dev/null || true";

/// Kills the agent a moment after its next call is there.
const KILL_AGENT: &str = "for n in $(seq 1000); do \
     if pid=$(pgrep --newest --full \"pgsqlms ($1)\"); then sleep $2; kill -KILL $pid && exit; fi; sleep 0.02; done";

/// All slots of connections, also those that are kept for superusers.
const FILL: &str = "for n in $(seq 103); do \
     $PG_BIN/psql -XAtq -h /var/run/postgresql -p 5434 -U postgres -d postgres \
     -c \"SELECT pg_sleep($1)\" >/dev/null 2>&1 & done; wait";

/// Does a fault to these hosts.
pub(super) fn inject(targets: &Targets<'_>, fault: &Fault, hosts: &[Host]) -> Result<(), Error> {
    let on = |lines: &str| targets.on_each(hosts, lines);
    let first = hosts.first().copied().unwrap_or(targets.primary);
    let order = |command: String| targets.order(&command).map(drop);
    let seconds = fault.hold.as_secs_f64();
    match fault.kind {
        Kind::PostmasterKill => each(hosts, |host| targets.lab.kill_postmaster(host)),
        Kind::BackendKill => on(
            "pkill --signal=KILL --full '^postgres: .*(checkpointer|walreceiver|background writer)'",
        ),
        Kind::Freeze => each(hosts, |host| targets.lab.freeze(host)),
        Kind::CheckpointerFreeze => on("pkill --signal=STOP --full '^postgres: .*checkpointer'"),
        Kind::PowerCut => each(hosts, |host| targets.lab.cut_power(host)),
        Kind::NetworkCut | Kind::NetworkBlip => each(hosts, |host| targets.lab.cut_network(host)),
        Kind::ReplicationCut => each(hosts, |host| {
            targets.lab.cut_replication(host, targets.primary)
        }),
        Kind::PacketLoss => on("nft add table inet loss; \
             nft add chain inet loss in '{ type filter hook input priority 0; }'; \
             nft add rule inet loss in iifname host0 numgen random mod 100 '<' 10 drop"),
        Kind::SlowNetwork => {
            on("tc qdisc replace dev host0 root tbf rate 500kbit burst 16kb latency 2s")
        }
        Kind::DiskFull => {
            on(&format!(
                "fallocate --length=\"$(df --output=avail --block-size=1 {DATA} | tail -n 1)\" {DATA}/ballast || true\n\
                 test \"$(df --output=avail {DATA} | tail -n 1)\" -lt 100"
            ))?;
            // A busy primary would need new segments soon; each switch asks for one.
            for host in hosts.iter().cycle().take(8 * hosts.len()) {
                targets.lab.host(*host).sql("SELECT pg_switch_wal()").ok();
            }
            Ok(())
        }
        Kind::CorosyncKill => on("pkill --signal=KILL --exact corosync"),
        Kind::ControllerKill => on("pkill --signal=KILL --exact pacemaker-contr"),
        Kind::PacemakerRestart => on("systemctl --no-block restart pacemaker.service"),
        Kind::Switchover => order(format!("{CLONE} --move --promoted --node {first}")),
        Kind::NodeStandby => order(format!("crm_standby --node {first} --update on")),
        Kind::BanRole => order(format!("{CLONE} --ban --promoted --node {first}")),
        Kind::BanNode => order(format!("{CLONE} --ban --node {first}")),
        Kind::Refresh if hosts.len() > 1 => {
            order("crm_resource --refresh --resource pgsqld".into())
        }
        Kind::Refresh => order(format!(
            "crm_resource --refresh --resource pgsqld --node {first}"
        )),
        Kind::Cleanup => order("crm_resource --cleanup".into()),
        Kind::Maintenance => order("crm_attribute --name maintenance-mode --update true".into()),
        Kind::StopAll => order(format!(
            "{CLONE} --meta --set-parameter target-role --parameter-value Stopped"
        )),
        Kind::ActionKill => unit(
            targets,
            hosts,
            "kill",
            KILL_AGENT,
            &["start|stop|promote|demote|notify", &delay(fault)],
        ),
        Kind::MonitorKill => unit(targets, hosts, "kill", KILL_AGENT, &["monitor", "0"]),
        Kind::FullSlots => unit(targets, hosts, "fill", FILL, &[&format!("{seconds:.0}")]),
        Kind::ReplayPause => each(hosts, |host| {
            targets
                .lab
                .host(host)
                .sql("SELECT pg_wal_replay_pause()")
                .map(drop)
        }),
        Kind::ApplyDelay => on(&format!(
            "echo \"recovery_min_apply_delay = '20s' {MARK}\" >>{SETTINGS}\n{RELOAD}"
        )),
        Kind::HaproxyKill => on("pkill --signal=KILL --exact haproxy"),
        Kind::HaproxyRestart => on("systemctl restart haproxy.service"),
        Kind::DaemonKill => {
            on("kill -KILL \"$(systemctl show --value --property=MainPID pgsql-state.service)\"")
        }
        Kind::DaemonStop => on("systemctl stop pgsql-state.socket pgsql-state.service"),
        Kind::HbaReject => on(&format!(
            "sed -i '1i local all all reject {MARK}' {HBA}\n{RELOAD}"
        )),
        Kind::HbaTypo => on(&format!(
            "sed -i '1i locale all all pear {MARK}' {HBA}\n{RELOAD}"
        )),
    }
}

/// Takes a fault back.
pub(super) fn heal(targets: &Targets<'_>, fault: &Fault, hosts: &[Host]) -> Result<(), Error> {
    let on = |lines: &str| targets.on_each(hosts, lines);
    let first = hosts.first().copied().unwrap_or(targets.primary);
    let order = |command: String| targets.order(&command).map(drop);
    match fault.kind {
        Kind::PostmasterKill
        | Kind::BackendKill
        | Kind::Refresh
        | Kind::Cleanup
        | Kind::HaproxyKill
        | Kind::HaproxyRestart
        | Kind::DaemonKill => Ok(()),
        Kind::Freeze => on("pkill --signal=CONT --exact postgres || true"),
        Kind::CheckpointerFreeze => {
            on("pkill --signal=CONT --full '^postgres: .*checkpointer' || true")
        }
        Kind::PowerCut => each(hosts, |host| targets.lab.restore_power(host)),
        Kind::NetworkCut | Kind::NetworkBlip => {
            each(hosts, |host| targets.lab.restore_network(host))
        }
        Kind::ReplicationCut => each(hosts, |host| targets.lab.restore_replication(host)),
        Kind::PacketLoss => on("nft delete table inet loss 2>/dev/null || true"),
        Kind::SlowNetwork => on("tc qdisc delete dev host0 root 2>/dev/null || true"),
        Kind::DiskFull => on(&format!("rm -f {DATA}/ballast")),
        Kind::CorosyncKill | Kind::ControllerKill | Kind::PacemakerRestart => {
            on("systemctl --no-block start corosync.service pacemaker.service")
        }
        Kind::Switchover | Kind::BanRole => order(format!("{CLONE} --clear")),
        Kind::BanNode => order(format!("{CLONE} --clear --node {first}")),
        Kind::NodeStandby => order(format!("crm_standby --node {first} --update off")),
        Kind::Maintenance => order("crm_attribute --name maintenance-mode --delete".into()),
        Kind::StopAll => order(format!("{CLONE} --meta --delete-parameter target-role")),
        Kind::ActionKill | Kind::MonitorKill => {
            on("systemctl stop campaign-kill.service 2>/dev/null || true")
        }
        Kind::FullSlots => on("systemctl stop campaign-fill.service 2>/dev/null || true"),
        // One that is a primary by now, or does not run, has nothing to resume.
        Kind::ReplayPause => each(hosts, |host| {
            let resume =
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_replay_resume()::text END";
            targets
                .lab
                .host(host)
                .sql(resume)
                .map(drop)
                .or_else(|_| targets.lab.host(host).is_booted())
        }),
        Kind::ApplyDelay => on(&format!("sed -i '/{MARK}$/d' {SETTINGS}\n{RELOAD}")),
        Kind::DaemonStop => on("systemctl start pgsql-state.socket"),
        Kind::HbaReject | Kind::HbaTypo => on(&format!("sed -i '/{MARK}$/d' {HBA}\n{RELOAD}")),
    }
}

/// Takes back everything that can have been done, also by a campaign that was interrupted. What cannot be taken back
/// is found when the cluster does not become whole.
pub(super) fn heal_all(targets: &Targets<'_>) {
    for known in ALL {
        for host in Host::ALL {
            let concerns = host.is_server() || known.whom.contains(&Whom::Client);
            if concerns {
                let to = Whom::Servers;
                let hold = Duration::ZERO;
                let fault = Fault {
                    kind: known.kind,
                    to,
                    hold,
                };
                heal(targets, &fault, &[host]).ok();
            }
        }
    }
}

/// A tenth of what the fault is held is as random as the plan: up to 250 ms.
fn delay(fault: &Fault) -> String {
    format!("{:.3}", f64::from(fault.hold.subsec_millis()) / 4000.0)
}

/// Has a host's systemd run lines of shell as the superuser of the instance or as root.
fn unit(
    targets: &Targets<'_>,
    hosts: &[Host],
    name: &str,
    lines: &str,
    words: &[&str],
) -> Result<(), Error> {
    let unit = format!("--unit=campaign-{name}");
    let uid = if name == "fill" {
        "--uid=postgres"
    } else {
        "--uid=root"
    };
    let run = [
        "systemd-run",
        "--quiet",
        "--collect",
        "--setenv=PG_BIN",
        &unit,
        uid,
        "bash",
        "-c",
        lines,
        "bash",
    ];
    let run = [run.as_slice(), words].concat();
    each(hosts, |host| targets.lab.host(host).run(&run).map(drop))
}
