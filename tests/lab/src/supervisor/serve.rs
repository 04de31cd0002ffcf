//! Answers requests until it is time to end: when it is told to, or when the command that started the
//! lab ends before it said that the lab may stay.

use std::io::{BufRead, BufReader, Read, Write, stdin};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::machine::Machine;
use super::request::{Asker, Request};
use crate::cgroup::Cgroups;
use crate::error::Error;
use crate::host::Host;
use crate::say::say;

/// What the command that starts the lab says once all is well.
pub(super) const KEEP: &str = "keep\n";

/// What the log says before each request of a server that switches power.
pub(crate) const ASKED: &str = "a server asks: ";

/// Longest that an asker may take for its line.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves both sockets until the end.
pub(super) fn serve(
    power: &UnixListener,
    control: &UnixListener,
    machines: &mut [Machine],
    cgroups: &Cgroups,
) -> Result<(), Error> {
    let starter = stdin();
    let mut kept = false;
    loop {
        let starter_fd = starter.as_fd();
        let mut waits = vec![
            PollFd::new(power, PollFlags::IN),
            PollFd::new(control, PollFlags::IN),
        ];
        if !kept {
            waits.push(PollFd::new(&starter_fd, PollFlags::IN));
        }
        let until_due = time_until_due(machines)?;
        poll(&mut waits, until_due.as_ref()).map_err(Error::io("wait for requests"))?;
        let ready: Vec<bool> = waits
            .iter()
            .map(|wait| !wait.revents().is_empty())
            .collect();
        if ready.get(2) == Some(&true) {
            let mut said = String::new();
            starter
                .lock()
                .read_to_string(&mut said)
                .map_err(Error::io("hear the starter"))?;
            if said != KEEP {
                say("the command that started the lab ended too early, so the lab ends");
                return Ok(());
            }
            kept = true;
        }
        for machine in machines.iter_mut() {
            if machine.due().is_some_and(|due| due <= Instant::now()) {
                machine.boot(cgroups)?;
            }
        }
        for (listener, asker) in [(power, Asker::Server), (control, Asker::Driver)] {
            while let Ok((stream, _)) = listener.accept() {
                if exchange(&stream, asker, machines) {
                    return Ok(());
                }
            }
        }
    }
}

/// How long no host's system is to be started.
fn time_until_due(machines: &[Machine]) -> Result<Option<Timespec>, Error> {
    let due = machines.iter().filter_map(Machine::due).min();
    let left = due.map(|due| due.saturating_duration_since(Instant::now()));
    left.map(Timespec::try_from)
        .transpose()
        .map_err(|_| Error::Unfit("a host's firmware takes too long".into()))
}

/// One line, one answer. Whether the lab is to end.
fn exchange(stream: &UnixStream, asker: Asker, machines: &mut [Machine]) -> bool {
    let mut line = String::new();
    let ready = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(PATIENCE)));
    let read = ready.and_then(|()| BufReader::new(stream).take(200).read_line(&mut line));
    if read.is_err() {
        return false;
    }
    let request = Request::parse(&line, asker);
    let ends = request == Ok(Request::End);
    let answer = match request {
        Ok(request) => {
            if asker == Asker::Server && !matches!(request, Request::Status(_) | Request::Hosts) {
                say(&format!("{ASKED}{}", line.trim_end()));
            }
            carry_out(request, machines)
                .unwrap_or_else(|error| format!("error {}", error.in_full()))
        }
        Err(refusal) => refusal,
    };
    let mut reply = stream;
    writeln!(reply, "{answer}").ok();
    ends
}

fn carry_out(request: Request, machines: &mut [Machine]) -> Result<String, Error> {
    let done = "ok".to_owned();
    Ok(match request {
        Request::Hosts => Host::SERVERS.map(Host::name).join(" "),
        Request::Status(host) => {
            let has_power = find(machines, host)?.has_power();
            if has_power { "on" } else { "off" }.to_owned()
        }
        Request::Off(host) => {
            find(machines, host)?.off()?;
            done
        }
        Request::On(host) => {
            find(machines, host)?.power_on();
            done
        }
        Request::Reboot(host) => {
            find(machines, host)?.reboot()?;
            done
        }
        Request::Leader(host) => match find(machines, host)?.leader() {
            Some(leader) => leader.to_string(),
            None => format!("error {host} has no power, or is just starting"),
        },
        Request::End => done,
    })
}

fn find(machines: &mut [Machine], host: Host) -> Result<&mut Machine, Error> {
    machines
        .iter_mut()
        .find(|machine| machine.host() == host)
        .ok_or_else(|| Error::Unfit(format!("there is no machine {host}")))
}
