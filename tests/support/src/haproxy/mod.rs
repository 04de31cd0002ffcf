//! A real HAProxy in the foreground, and what its statistics say.
//!
//! - [`listen`]: listen blocks and their checks, as text.
//! - [`stat`]: the rows of `show stat`.

mod listen;
mod stat;

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddrV4;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

pub use listen::{Backend, Balance, Listen, Pace};
pub use stat::{Row, Status, rows};

use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;
use crate::wait::until_ok;

/// Longest that HAProxy may take to start, or to answer on its admin socket.
const PATIENCE: Duration = Duration::from_secs(10);

/// Debian keeps it outside the path of ordinary users.
const PROGRAM: &str = "/usr/sbin/haproxy";

/// A running HAProxy. Dropping it ends and removes it.
#[derive(Debug)]
pub struct Haproxy {
    // Before `scratch`: the program ends first.
    running: Running,
    scratch: Scratch,
}

impl Haproxy {
    /// Starts HAProxy with these listen blocks and, if `stats` is given, a statistics page there.
    pub fn start(blocks: &[Listen], stats: Option<SocketAddrV4>) -> Result<Self, Trouble> {
        let mut text: String = blocks.iter().map(ToString::to_string).collect();
        if let Some(address) = stats {
            text.push_str(&listen::stats_block(address));
        }
        Self::start_with(&text)
    }

    /// Starts HAProxy with sections of one's own, behind the harness's `global` and `defaults`.
    pub fn start_with(sections: &str) -> Result<Self, Trouble> {
        if !Path::new(PROGRAM).exists() {
            return Err(Trouble::Unfit(format!(
                "there is no {PROGRAM}; install Debian's package haproxy"
            )));
        }
        let scratch = Scratch::new()?;
        let path = scratch.path().join("haproxy.cfg");
        let text = listen::preamble(&admin_socket(&scratch)) + sections;
        fs::write(&path, text).map_err(Trouble::io(format!("write {}", path.display())))?;
        let mut command = scratch.command(PROGRAM);
        command.arg("-db").arg("-f").arg(&path);
        let running = Running::start(&scratch, "haproxy", command)?;
        let mut haproxy = Self { running, scratch };
        let admin = admin_socket(&haproxy.scratch);
        haproxy.running.ready_within(PATIENCE, || {
            UnixStream::connect(&admin)
                .map(drop)
                .map_err(|error| error.to_string())
        })?;
        Ok(haproxy)
    }

    /// Runs one command on the admin socket (HAProxy Management Guide, section 9.3).
    pub fn ask_admin(&self, command: &str) -> Result<String, Trouble> {
        let exchange = || {
            let mut socket = UnixStream::connect(admin_socket(&self.scratch))?;
            socket.set_read_timeout(Some(PATIENCE))?;
            writeln!(socket, "{command}")?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer)?;
            Ok(answer)
        };
        exchange().map_err(Trouble::io(format!(
            "run `{command}` on HAProxy's admin socket"
        )))
    }

    /// One row a server of each listen block, in the configuration's order.
    pub fn rows(&self) -> Result<Vec<Row>, Trouble> {
        rows(&self.ask_admin("show stat")?)
            .map_err(|error| Trouble::Unfit(format!("HAProxy's statistics: {error}")))
    }

    /// The row of a server in a listen block.
    pub fn row(&self, proxy: &str, server: &str) -> Result<Row, Trouble> {
        self.rows()?
            .into_iter()
            .find(|row| row.proxy == proxy && row.server == server)
            .ok_or_else(|| Trouble::Unfit(format!("HAProxy has no server {proxy}/{server}")))
    }

    /// Waits until a server in a listen block has a status, and returns its row.
    pub fn wait_for(
        &self,
        deadline: Duration,
        (proxy, server): (&str, &str),
        status: Status,
    ) -> Result<Row, Trouble> {
        let what = format!("HAProxy to see {proxy}/{server} as {status:?}");
        until_ok(deadline, &what, || match self.row(proxy, server) {
            Ok(row) if row.status == status => Ok(row),
            Ok(row) => Err(format!("it sees {row:?}")),
            Err(trouble) => Err(format!("{trouble:?}")),
        })
    }

    /// The directory it works in.
    pub fn directory(&self) -> &Path {
        self.scratch.path()
    }

    /// What it logged: each change of a server's status.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

fn admin_socket(scratch: &Scratch) -> std::path::PathBuf {
    scratch.path().join("admin.sock")
}
