//! A primary and a standby that Patroni manages, with its etcd, in a directory that vanishes.

use std::fs;
use std::net::SocketAddrV4;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use support::running::Running;
use support::scratch::Scratch;
use support::{Trouble, ports};

use crate::ask::ask;

/// Long enough for Patroni to make a cluster, or to copy one.
const STARTING: Duration = Duration::from_secs(60);

/// Where Debian's packages put one directory a major version.
const MAJORS: &str = "/usr/lib/postgresql";

/// PostgreSQL does not run as root.
const OWNER: &str = "postgres";

/// The members end with their processes.
pub(crate) struct Cluster {
    pub(crate) primary: Member,
    pub(crate) standby: Member,
    _etcd: Running,
    _scratch: Scratch,
}

/// One PostgreSQL with its Patroni.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// Patroni's REST API.
    pub(crate) rest: SocketAddrV4,
    postgres: SocketAddrV4,
    folder: PathBuf,
    _patroni: Running,
}

impl Member {
    /// How it is reached by whoever may see everything.
    pub(crate) fn conninfo(&self) -> String {
        let (folder, port) = (self.folder.display(), self.postgres.port());
        format!("host={folder} port={port} user={OWNER} dbname=postgres")
    }
}

impl Cluster {
    pub(crate) fn start() -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let (client, peer) = (ports::free()?, ports::free()?);
        let mut etcd = Running::start(&scratch, "etcd", etcd(&scratch, client, peer)?)?;
        etcd.ready_within(STARTING, || match ask(client, "GET", "/health") {
            Ok(reply) if reply.status == 200 => Ok(()),
            Ok(reply) => Err(format!("its status is {}", reply.status)),
            Err(error) => Err(error),
        })?;
        Ok(Self {
            primary: member(&scratch, "first", client, "/primary")?,
            standby: member(&scratch, "second", client, "/replica?lag=0")?,
            _etcd: etcd,
            _scratch: scratch,
        })
    }
}

/// Starts a member and waits until its Patroni answers 200 to a check.
fn member(
    scratch: &Scratch,
    name: &'static str,
    etcd: SocketAddrV4,
    check: &str,
) -> Result<Member, Trouble> {
    let (rest, postgres) = (ports::free()?, ports::free()?);
    let folder = make_folder(scratch, name)?;
    let file = folder.join("patroni.yml");
    let text = config(name, &folder, etcd, rest, postgres)?;
    fs::write(&file, text).map_err(Trouble::io(format!("write {}", file.display())))?;
    let mut command = as_owner(scratch, "/usr/bin/patroni")?;
    command.arg(&file);
    let mut patroni = Running::start(scratch, name, command)?;
    patroni.ready_within(STARTING, || match ask(rest, "GET", check) {
        Ok(reply) if reply.status == 200 => Ok(()),
        Ok(reply) => Err(format!("{check} is {}", reply.status)),
        Err(error) => Err(error),
    })?;
    Ok(Member {
        name,
        rest,
        postgres,
        folder,
        _patroni: patroni,
    })
}

fn etcd(scratch: &Scratch, client: SocketAddrV4, peer: SocketAddrV4) -> Result<Command, Trouble> {
    let data = make_folder(scratch, "store")?;
    let (client, peer) = (format!("http://{client}"), format!("http://{peer}"));
    let mut etcd = as_owner(scratch, "/usr/bin/etcd")?;
    etcd.arg("--data-dir").arg(data).args(["--name", "compare"]);
    for option in ["--listen-client-urls", "--advertise-client-urls"] {
        etcd.args([option, &client]);
    }
    for option in ["--listen-peer-urls", "--initial-advertise-peer-urls"] {
        etcd.args([option, &peer]);
    }
    etcd.args(["--initial-cluster", &format!("compare={peer}")]);
    Ok(etcd)
}

fn as_owner(scratch: &Scratch, program: &str) -> Result<Command, Trouble> {
    if !Path::new(program).exists() {
        let hint = "install Debian's packages patroni, etcd-server and python3-etcd";
        return Err(Trouble::Unfit(format!("there is no {program}; {hint}")));
    }
    let mut command = scratch.command(program);
    if uzers::get_effective_uid() == 0 {
        let owner = owner()?;
        command.uid(owner.uid()).gid(owner.primary_group_id());
    }
    Ok(command)
}

fn owner() -> Result<uzers::User, Trouble> {
    uzers::get_user_by_name(OWNER)
        .ok_or_else(|| Trouble::Unfit(format!("there is no user {OWNER}")))
}

/// A folder that the owner may write to and the daemon may enter.
fn make_folder(scratch: &Scratch, name: &str) -> Result<PathBuf, Trouble> {
    let folder = scratch.path().join(name);
    let made = || {
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))
    };
    made().map_err(Trouble::io(format!("make {}", folder.display())))?;
    if uzers::get_effective_uid() == 0 {
        let owner = owner()?;
        chown(&folder, Some(owner.uid()), Some(owner.primary_group_id()))
            .map_err(Trouble::io(format!("give {} away", folder.display())))?;
    }
    Ok(folder)
}

/// The programs of the newest PostgreSQL.
fn programs() -> Result<PathBuf, Trouble> {
    let entries = fs::read_dir(MAJORS).into_iter().flatten().flatten();
    let newest = entries
        .filter(|entry| entry.path().join("bin/initdb").exists())
        .filter_map(|entry| {
            let major: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .max();
    newest
        .map(|(_, programs)| programs)
        .ok_or_else(|| Trouble::Unfit(format!("there is no PostgreSQL below {MAJORS}")))
}

/// YAML is written as JSON, of which it is a superset.
fn config(
    name: &str,
    folder: &Path,
    etcd: SocketAddrV4,
    rest: SocketAddrV4,
    postgres: SocketAddrV4,
) -> Result<String, Trouble> {
    let (programs, data) = (programs()?, folder.join("data"));
    let config = serde_json::json!({
        "scope": "compare",
        "name": name,
        "restapi": { "listen": rest, "connect_address": rest },
        "etcd3": { "host": etcd },
        "bootstrap": {
            "dcs": { "ttl": 20, "loop_wait": 1, "retry_timeout": 5 },
            "initdb": ["no-locale", "no-sync", { "auth": "trust" }, { "encoding": "UTF8" }],
        },
        "postgresql": {
            "listen": postgres,
            "connect_address": postgres,
            "use_unix_socket": true,
            "data_dir": data,
            "pgpass": folder.join("pgpass"),
            "bin_dir": programs,
            "authentication": {
                "superuser": { "username": OWNER },
                "replication": { "username": OWNER },
            },
            "pg_hba": support::postgres::TRUST.lines().collect::<Vec<_>>(),
            "parameters": {
                "unix_socket_directories": folder,
                "dynamic_shared_memory_type": "mmap",
                "shared_buffers": "4MB",
                "fsync": "off",
            },
        },
    });
    Ok(format!("{config:#}\n"))
}
