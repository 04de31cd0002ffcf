//! Clients of registers and sets on all hosts, each through its own host's HAProxy; the one on the host of the clients
//! also asks each server past HAProxy what it is. What they noted survives their hosts.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use pgsql_state_traffic::TABLES;
use pgsql_state_traffic::history::{Final, History};

use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};

const PROGRAM: &str = "/lab/bin/pgsql-state-traffic";
const UNIT: &str = "campaign-clients";

/// Servers name themselves by `cluster_name`, which is the host's.
const HOST_SQL: &str = "current_setting('cluster_name')";

/// Longest until a whole cluster has acknowledged a write of each client.
const BEGIN: Duration = Duration::from_secs(30);

/// How a write that was acknowledged stands in a file.
const ACKNOWLEDGED: &str = "\"acknowledged\"";

/// Clients that go. Dropping this ends them.
#[derive(Debug)]
pub(super) struct Clients<'a> {
    lab: &'a Lab,
    run: String,
    folder: PathBuf,
}

impl<'a> Clients<'a> {
    /// Lets the clients of a run go on all hosts, and waits until each has had a write acknowledged.
    pub(super) fn begin(lab: &'a Lab, primary: Host, run: &str) -> Result<Self, Error> {
        lab.host(primary)
            .sql(&format!("SET client_min_messages = error; {TABLES}"))?;
        let folder = lab.results().join(run);
        fs::remove_dir_all(&folder).ok();
        let clients = Self {
            lab,
            run: run.to_owned(),
            folder,
        };
        for host in Host::ALL {
            clients.start(host)?;
        }
        for host in Host::ALL {
            clients.until_acknowledged(host, 0)?;
        }
        Ok(clients)
    }

    fn start(&self, host: Host) -> Result<(), Error> {
        let among = Host::ALL.map(Host::name).join(",");
        let unit = format!("--unit={UNIT}");
        let into = format!("/lab/results/{}", self.run);
        let mut words = vec![
            "systemd-run",
            "--quiet",
            "--collect",
            &unit,
            PROGRAM,
            "registers",
        ];
        words.extend([
            "--client",
            host.name(),
            "--among",
            &among,
            "--run",
            &self.run,
        ]);
        words.extend(["--through", "127.0.0.1:5432", "--host-sql", HOST_SQL]);
        words.extend(["--into", &into]);
        let servers = Host::SERVERS.map(|server| format!("{server}:5434"));
        if host == Host::Client {
            words.extend(servers.iter().flat_map(|place| ["--look", place]));
        }
        self.lab.host(host).run(&words).map(drop)
    }

    /// Waits until a client has had more writes acknowledged than so many.
    fn until_acknowledged(&self, host: Host, already: usize) -> Result<(), Error> {
        let what = format!("an acknowledged write of the client on {host}");
        wait_for(&what, BEGIN, || match self.acknowledged(host)? {
            number if number > already => Ok(()),
            number => Err(Error::Unfit(format!("there are {number}"))),
        })
    }

    fn acknowledged(&self, host: Host) -> Result<usize, Error> {
        let own = format!("{host}-");
        let mut number = 0;
        for path in self.files()? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(&own) {
                let read = fs::read_to_string(&path);
                let text = read.map_err(Error::io(format!("read {}", path.display())))?;
                number += text.matches(ACKNOWLEDGED).count();
            }
        }
        Ok(number)
    }

    /// Waits until the client that no fault kills has had another write acknowledged.
    pub(super) fn go_on(&self) -> Result<(), Error> {
        self.until_acknowledged(Host::Client, self.acknowledged(Host::Client)?)
    }

    /// Ends them, and returns what they noted.
    pub(super) fn end(self) -> Result<History, Error> {
        Self::stop_all(self.lab);
        let files = self.files()?;
        History::read(&files).map_err(|error| Error::Unfit(error.to_string()))
    }

    /// Where their files are.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Ends the clients of all hosts. Where a host is dead, they are.
    pub(super) fn stop_all(lab: &Lab) {
        let unit = format!("{UNIT}.service");
        for host in Host::ALL {
            lab.host(host).run(&["systemctl", "stop", &unit]).ok();
        }
    }

    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Ok(Vec::new());
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let paths: Result<Vec<PathBuf>, _> = paths.collect();
        paths.map_err(Error::io(format!("read {}", self.folder.display())))
    }
}

impl Drop for Clients<'_> {
    fn drop(&mut self) {
        Self::stop_all(self.lab);
    }
}

/// What a run has left on the primary.
pub(super) fn left(lab: &Lab, primary: Host, run: &str) -> Result<Final, Error> {
    let on = lab.host(primary);
    let number = |text: &str| {
        let read = text.parse::<i64>();
        read.map_err(|_| Error::Unfit(format!("{primary} says {text:?}, which is no number")))
    };
    let mut end = Final::default();
    let registers = format!("SELECT key, value FROM pgsql_state_register WHERE run = '{run}'");
    for (key, value) in pairs(&on.sql(&registers)?) {
        end.registers.insert(key.to_owned(), number(value)?);
    }
    let members = format!("SELECT client, member FROM pgsql_state_member WHERE run = '{run}'");
    for (client, member) in pairs(&on.sql(&members)?) {
        let set = end.members.entry(client.to_owned()).or_default();
        set.insert(number(member)?);
    }
    Ok(end)
}

fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.split_once('|'))
}
