//! The units: the shipped ones with the ports and the program of a plan.

use std::net::SocketAddr;

use super::edit::Unit;
use super::plan::{QuorumFolder, SystemdPlan, Variant};
use super::sockets::Where;
use super::{File, shipped};
use crate::config::ConnectionCost;
use crate::health::QuorumGuard;

/// The folder for units of administrators, which take precedence over those of packages (systemd.unit(5)).
pub(super) const FOLDER: &str = "/etc/systemd/system";

const STATE: &str = "pgsql-state.socket";
const HTTP: &str = "pgsql-state-http.socket";
const AGENT: &str = "pgsql-state-agent.socket";
const DAEMON: &str = "pgsql-state.service";
const QUORUM: &str = "pgsql-state-quorum.service";
const ANSWER: &str = "pgsql-state-answer.socket";
const ANSWERER: &str = "pgsql-state-answer@.service";

/// The units, and the user that they run as.
pub(super) fn files(plan: &SystemdPlan) -> Vec<File> {
    let sockets = &plan.sockets;
    let mut files = match plan.variant {
        Variant::Socket => {
            let mut files = vec![socket(STATE, shipped::STATE_SOCKET, &sockets.state)];
            if !sockets.http.is_empty() {
                files.push(socket(HTTP, shipped::HTTP_SOCKET, &sockets.http));
            }
            if !sockets.agent.is_empty() {
                files.push(socket(AGENT, shipped::AGENT_SOCKET, &sockets.agent));
            }
            files.push(unit(DAEMON, &daemon(plan)));
            files
        }
        Variant::Daemon => vec![unit(DAEMON, &binding(plan))],
        Variant::Accept => vec![
            socket(ANSWER, shipped::ANSWER_SOCKET, &sockets.state),
            unit(ANSWERER, &answerer(plan)),
        ],
    };
    match plan.quorum {
        QuorumGuard::Off => {}
        QuorumGuard::Pacemaker => files.push(unit(QUORUM, &quorum(plan))),
    }
    files.push(File {
        place: "/etc/sysusers.d/pgsql-state.conf".into(),
        text: shipped::SYSUSERS.replace("/usr/lib/", "/etc/"),
    });
    files
}

/// The names of the units to enable.
pub(super) fn enabled(plan: &SystemdPlan) -> Vec<&'static str> {
    let mut enabled = match plan.variant {
        Variant::Socket => {
            let others = [(HTTP, &plan.sockets.http), (AGENT, &plan.sockets.agent)];
            let others = others.into_iter().filter(|(_, places)| !places.is_empty());
            [STATE]
                .into_iter()
                .chain(others.map(|(name, _)| name))
                .collect()
        }
        Variant::Daemon => vec![DAEMON],
        Variant::Accept => vec![ANSWER],
    };
    match plan.quorum {
        QuorumGuard::Off => {}
        QuorumGuard::Pacemaker => enabled.push(QUORUM),
    }
    enabled
}

/// The service whose sandbox the drop-ins open.
pub(super) fn service(variant: Variant) -> &'static str {
    match variant {
        Variant::Socket | Variant::Daemon => DAEMON,
        Variant::Accept => ANSWERER,
    }
}

fn unit(name: &str, unit: &Unit) -> File {
    File {
        place: format!("{FOLDER}/{name}"),
        text: unit.text(),
    }
}

fn socket(name: &str, text: &str, places: &[SocketAddr]) -> File {
    let mut socket = Unit::of(text);
    let listens = places.iter().map(|place| Where(*place).to_string());
    socket.set("ListenStream", &listens.collect::<Vec<_>>());
    if places.iter().any(|place| !place.ip().is_unspecified()) {
        socket.below(
            "ListenStream",
            "Bound even before the host has the address, as at its start.",
            "FreeBind=yes",
        );
    }
    unit(name, &socket)
}

fn started(plan: &SystemdPlan, text: &str) -> Unit {
    Unit::of(&text.replace(shipped::PROGRAM, &plan.program.to_string()))
}

fn answerer(plan: &SystemdPlan) -> Unit {
    let mut unit = started(plan, shipped::ANSWER_SERVICE);
    if let Some(config) = &plan.config {
        let command = format!("{} answer --config {config}", plan.program);
        unit.set("ExecStart", &[command]);
    }
    unit
}

/// The quorum's unit, which writes the file that the daemon reads.
fn quorum(plan: &SystemdPlan) -> Unit {
    let mut unit = started(plan, shipped::QUORUM);
    let Some(file) = &plan.quorum_file else {
        return unit;
    };
    let command = format!("{} quorum --file {}", plan.program, file.path());
    unit.set("ExecStart", &[command]);
    match file.place() {
        QuorumFolder::Runtime(name) => unit.set("RuntimeDirectory", std::slice::from_ref(name)),
        QuorumFolder::Given(folder) => {
            unit.drop("RuntimeDirectoryPreserve");
            unit.drop("RuntimeDirectoryMode");
            let why =
                "The folder of that file. It has to exist, and to belong to pgsql-state-quorum.";
            unit.replace("RuntimeDirectory", why, &format!("ReadWritePaths={folder}"));
        }
    }
    unit
}

/// The daemon's unit with its configuration, and limits for its maximal number of connections.
fn daemon(plan: &SystemdPlan) -> Unit {
    let mut unit = started(plan, shipped::SERVICE);
    if let Some(config) = &plan.config {
        let program = &plan.program;
        unit.set("ExecStart", &[format!("{program} serve --config {config}")]);
        let reload = [
            "/bin/kill -HUP $MAINPID".to_owned(),
            format!("{program} check-config {config}"),
        ];
        unit.set("ExecReload", &reload);
    }
    let room = ConnectionCost::of(plan.connections, &plan.sockets.listen(), plan.http);
    unit.set("LimitNOFILE", &[room.descriptors.to_string()]);
    unit.set("MemoryMax", &[format!("{}M", room.megabytes)]);
    unit
}

/// The unit of a daemon that binds its ports itself, which requires a network.
fn binding(plan: &SystemdPlan) -> Unit {
    let mut unit = daemon(plan);
    let places: Vec<String> = plan.sockets.all().map(|place| place.to_string()).collect();
    unit.head(&format!(
        "The daemon, which binds the addresses in [listen] of its configuration: {}.",
        places.join(", ")
    ));
    unit.drop("Requires");
    unit.set("After", &["network.target".into()]);
    unit.explain(
        "StartLimitIntervalSec",
        "It is started again a second after each failure, however often it fails.",
        &["0"],
    );
    unit.explain("PrivateNetwork", "Its ports are the host's.", &["no"]);
    unit.set(
        "RestrictAddressFamilies",
        &["AF_UNIX AF_INET AF_INET6".into()],
    );
    // The unit must not deny the addresses of clients; [admission] limits them.
    unit.drop("IPAddressDeny");
    unit.drop("Also");
    let mut text = unit.text();
    text.push_str("WantedBy=multi-user.target\n");
    Unit::of(&text)
}
