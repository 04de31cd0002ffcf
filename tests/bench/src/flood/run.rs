//! Each attack on each contender, one after the other.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::arena::{BALANCER, HEADER_PEERS};
use super::attack::{Attack, Lie, Target};
use super::balancer::{Balancer, Seen, ask, watch};
use super::kernel::listen_overflows;
use super::liar::{PEER, lie};
use super::table::{Row, line, table};
use super::untrusted::attack;
use crate::client::End;
use crate::contender::{Certificate, Contender, Name, Ours, Psql};
use crate::error::Error;
use crate::host::processes::Census;
use crate::host::{Folder, Host, cores, describe, packages};
use crate::progress::say;

/// Where the daemon answers: untrusted clients' ports are never below 32768, so theirs and its never meet.
const DAEMON: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 5431);

/// Before memory is looked at for the first time, so that what is taken at the first checks is in it.
const WARM_UP: Duration = Duration::from_secs(1);

/// What is to be measured.
#[derive(Debug)]
pub(crate) struct Flood<'a> {
    /// The daemon.
    pub(crate) program: &'a Path,
    /// Whom to attack.
    pub(crate) only: &'a [Name],
    /// Of each attack.
    pub(crate) length: Duration,
    /// Threads that attack: the first on the client's core, the second on the servers', and so on.
    pub(crate) threads: usize,
}

/// Floods each contender in each way, and returns the table.
pub(crate) fn run(flood: &Flood<'_>) -> Result<String, Error> {
    let Flood {
        program, length, ..
    } = *flood;
    let pairs: Vec<(Attack, Box<dyn Contender>)> = flood
        .only
        .iter()
        .flat_map(|name| Attack::ALL.map(|attack| (*name, attack)))
        .filter_map(|(name, attack)| Some((attack, contender(program, name, attack)?)))
        .collect();
    if pairs.is_empty() {
        return Err(Error::NothingToMeasure);
    }
    let needs = pairs.iter().flat_map(|(_, contender)| contender.needs());
    packages::check(packages::FOR_ALL.iter().cloned().chain(needs))?;
    let mut host = Host::prepare()?;
    let mut rows = Vec::new();
    for (attack, contender) in &pairs {
        let (name, how) = (contender.name().label(), attack.label());
        say(&format!("{name}: {how} for {} s", length.as_secs()));
        // Each attack meets a contender and a PostgreSQL that nobody attacked before.
        host.folder = Folder::new()?;
        let row = one(&host, contender.as_ref(), *attack, flood)?;
        say(line(&row).trim_end());
        rows.push(row);
    }
    Ok(format!("On {}.\n\n{}", describe::describe(), table(&rows)))
}

/// Who is attacked, if this contender can be in this way.
fn contender(program: &Path, name: Name, attack: Attack) -> Option<Box<dyn Contender>> {
    let admission = format!("trusted = [\"{BALANCER}\"]\nproxy_protocol = [\"{HEADER_PEERS}\"]\n");
    let ours = || Ours::new(program).at(DAEMON).admission(admission);
    let https = attack.attacked(DAEMON);
    match (name, attack) {
        (Name::Ours, Attack::FewDescriptors) => Some(Box::new(ours().files(64))),
        // Whoever looks whether it has started is heard too.
        (Name::Ours, Attack::Filtered) => {
            Some(Box::new(ours().hearing(&[BALANCER, Ipv4Addr::LOCALHOST])))
        }
        (Name::Ours, Attack::Lying(Lie::Informational | Lie::Body)) => {
            let nodes = format!(
                "\n[cluster]\nhttp_port = {}\nnodes = [{{ name = \"srv2\", address = \"{}\" }}]\n",
                PEER.port(),
                PEER.ip()
            );
            Some(Box::new(ours().and(&nodes)))
        }
        (Name::Ours, Attack::Lying(Lie::Notices)) => Some(Box::new(ours().asking_a_liar())),
        (Name::Ours, Attack::HalfHello | Attack::Hello) => {
            Some(Box::new(ours().over_tls_too(https, Certificate::P256)))
        }
        (Name::Ours, Attack::HelloRsa) => {
            Some(Box::new(ours().over_tls_too(https, Certificate::Rsa2048)))
        }
        (Name::Ours, _) => Some(match attack.target() {
            Target::State => Box::new(ours()),
            Target::Http => Box::new(ours().over_http(End::Close)),
            Target::Agent => Box::new(ours().on_agent_port()),
        }),
        // It keeps none open for a client, and listens to IPv4 only and has no TLS; a filter is the daemon's remedy.
        (
            Name::Psql,
            Attack::FewDescriptors
            | Attack::ManySix
            | Attack::Filtered
            | Attack::HttpRead
            | Attack::HttpSilent
            | Attack::HttpHalf
            | Attack::AgentRead
            | Attack::AgentSilent
            | Attack::HalfHello
            | Attack::Hello
            | Attack::HelloRsa
            | Attack::Lying(_),
        )
        | (
            Name::Bare
            | Name::Bgw
            | Name::BareHttp
            | Name::Http
            | Name::BareHttpKept
            | Name::HttpKept
            | Name::Patroni,
            _,
        ) => None,
        (Name::Psql, _) => Some(Box::new(Psql)),
    }
}

/// One attack on a contender that was started for it.
fn one(
    host: &Host,
    contender: &dyn Contender,
    kind: Attack,
    flood: &Flood<'_>,
) -> Result<Row, Error> {
    let length = flood.length;
    let running = contender.start(host)?;
    let name = format!("flood-{}-{kind:?}", running.name.tag());
    let balancer = Balancer::start(host, &name, &running.endpoint, kind.target())?;
    watch(host, &running.endpoint, WARM_UP)?;
    let changes = balancer.changes();
    let resident = || {
        let census = Census::take(running.enclosure.account())?;
        Ok::<_, Error>(census.resident_of_server())
    };
    let memory = resident()?;
    let overflows = listen_overflows()?;
    let log = running.enclosure.log_lines();

    let done = AtomicBool::new(false);
    let (seen, begun) = thread::scope(|scope| {
        let (done, to) = (&done, kind.attacked(running.endpoint.address));
        let cores = [host.cores.client, host.cores.servers].into_iter().cycle();
        let untrusted: Vec<_> = cores
            .take(flood.threads)
            .map(|core| scope.spawn(move || cores::stay_on(core).map(|()| attack(kind, to, done))))
            .collect();
        let lies = move |kind| {
            cores::stay_on(host.cores.client)?;
            lie(kind, host.folder.path(), done)
        };
        let liar = if let Attack::Lying(kind) = kind {
            Some(scope.spawn(move || lies(kind)))
        } else {
            None
        };
        let seen = watch(host, &running.endpoint, length);
        done.store(true, Ordering::Relaxed);
        let begun = untrusted
            .into_iter()
            .map(|untrusted| untrusted.join().unwrap_or(Ok(0)));
        let begun = begun.chain(liar.map(|liar| liar.join().unwrap_or(Ok(0))));
        (seen, begun.sum::<Result<u32, Error>>())
    });
    let Seen { waits, lost } = seen?;
    let begun = begun?;
    let percentile = |percent: usize| {
        let rank = (waits.len() * percent).div_ceil(100).saturating_sub(1);
        waits.get(rank).copied()
    };
    Ok(Row {
        contender: running.name.label(),
        attack: kind.label(),
        arrivals: f64::from(begun) / length.as_secs_f64(),
        answered: waits.len(),
        lost,
        p50: percentile(50),
        p99: percentile(99),
        longest: waits.last().copied(),
        changes: balancer.changes().saturating_sub(changes),
        overflows: listen_overflows()?.saturating_sub(overflows),
        grown: i64::from(resident()?) - i64::from(memory),
        log_lines: running.enclosure.log_lines().saturating_sub(log),
        survived: matches!(ask(&running.endpoint), Ok(true)),
    })
}
