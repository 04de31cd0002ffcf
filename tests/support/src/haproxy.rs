//! A real HAProxy in the foreground, and what its statistics say.
//!
//! - [`listen`]: listen blocks and their checks, as text.
//! - [`stat`]: the rows of `show stat`.

mod listen;
mod stat;

use std::fs;
use std::io::{self, Read, Write};
use std::mem;
use std::net::SocketAddrV4;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub use listen::{Backend, Balance, Listen, Pace};
use rustix::process::Pid;
pub use stat::{Row, Status, rows};

use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;
use crate::wait::until_ok;

/// Longest that HAProxy may take to start, or to answer on its admin socket.
const PATIENCE: Duration = Duration::from_secs(10);

/// Debian keeps it outside the path of ordinary users.
pub const PROGRAM: &str = "/usr/sbin/haproxy";

/// Its configuration, in the directory it works in.
const FILE: &str = "haproxy.cfg";

/// A running HAProxy. Dropping it ends and removes it.
#[derive(Debug)]
pub struct Haproxy {
    // Before `scratch`: the programs end first.
    running: Running,
    replaced: Vec<Running>,
    scratch: Scratch,
}

impl Haproxy {
    /// Starts HAProxy with these listen blocks and, if `stats` is given, a statistics page there.
    pub fn start(blocks: &[Listen], stats: Option<SocketAddrV4>) -> Result<Self, Trouble> {
        there_is_one()?;
        // Such filters came with 2.7.
        let limit = if installed()? >= (2, 7) { LIMIT } else { "" };
        let mut text = blocks.iter().fold(String::new(), |text, block| {
            text + &block.to_string() + limit
        });
        if let Some(address) = stats {
            text.push_str(&listen::stats_block(address));
        }
        Self::start_with(&text)
    }

    /// Starts HAProxy with sections of one's own, behind the harness's `global` and `defaults`.
    pub fn start_with(sections: &str) -> Result<Self, Trouble> {
        Self::start_whole(|admin| listen::preamble(admin) + sections)
    }

    /// Starts HAProxy with a configuration that has everything, made for the path of its admin socket.
    pub fn start_whole(configuration: impl FnOnce(&Path) -> String) -> Result<Self, Trouble> {
        there_is_one()?;
        let scratch = Scratch::new()?;
        let path = scratch.path().join(FILE);
        let text = configuration(&admin_socket(&scratch));
        fs::write(&path, text).map_err(Trouble::io(format!("write {}", path.display())))?;
        let running = launch(&scratch, None)?;
        let mut haproxy = Self {
            running,
            replaced: Vec::new(),
            scratch,
        };
        haproxy.wait_until_it_serves()?;
        Ok(haproxy)
    }

    /// Has another process with the same configuration take over, as a reload does: this one serves the
    /// sessions it has to their end.
    pub fn reload(&mut self) -> Result<(), Trouble> {
        let next = launch(&self.scratch, Some(self.running.pid()))?;
        self.replaced.push(mem::replace(&mut self.running, next));
        self.wait_until_it_serves()
    }

    fn wait_until_it_serves(&mut self) -> Result<(), Trouble> {
        let admin = admin_socket(&self.scratch);
        let own = format!("Pid: {}", self.running.pid().as_raw_nonzero());
        self.running.ready_within(PATIENCE, || {
            let said = exchange(&admin, "show info").map_err(|error| error.to_string())?;
            let its = said.lines().any(|line| line == own);
            its.then_some(()).ok_or("another process answers".into())
        })
    }

    /// Runs one command on the admin socket (HAProxy Management Guide, section 9.3).
    pub fn ask_admin(&self, command: &str) -> Result<String, Trouble> {
        let said = exchange(&admin_socket(&self.scratch), command);
        said.map_err(Trouble::io(format!(
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

    /// Waits until it sees these servers so, a line each: block, server, status, and the outcome of the
    /// last check. Without an outcome `Up` means nothing: so every server begins.
    pub fn wait_for_view(&self, deadline: Duration, expected: &[&str]) -> Result<(), Trouble> {
        until_ok(deadline, &format!("{expected:?}"), || {
            let rows = self.rows().map_err(|trouble| trouble.to_string())?;
            let seen: Vec<String> = rows
                .iter()
                .map(|row| {
                    let outcome = row.check_status.trim_start_matches("* ");
                    let (proxy, server) = (&row.proxy, &row.server);
                    format!("{proxy}/{server} {:?} {outcome}", row.status)
                })
                .collect();
            let all = expected
                .iter()
                .all(|line| seen.iter().any(|row| row == line));
            all.then_some(()).ok_or(format!("it sees {seen:?}"))
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

fn there_is_one() -> Result<(), Trouble> {
    if Path::new(PROGRAM).exists() {
        Ok(())
    } else {
        let what = format!("there is no {PROGRAM}; install Debian's package haproxy");
        Err(Trouble::Unfit(what))
    }
}

/// A filter on what clients send that limits nobody. Releases of 3.0 and 3.1 keep a session for ever that
/// `on-marked-down` ends while it connects, unless it has one.
const LIMIT: &str = "    filter bwlim-in no-limit default-limit 1g default-period 1s
    tcp-request content set-bandwidth-limit no-limit
";

/// The branch of the HAProxy that is installed: the first two numbers of its version.
pub fn installed() -> Result<(u32, u32), Trouble> {
    let output = Command::new(PROGRAM).arg("-v").output();
    let output = output.map_err(Trouble::io(format!("run {PROGRAM}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut words = said.split_whitespace();
    let version = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut numbers = version.unwrap_or_default().split('.');
    let mut number = || numbers.next().and_then(|number| number.parse().ok());
    number()
        .zip(number())
        .ok_or_else(|| Trouble::Unfit(format!("{PROGRAM} -v says {said:?}")))
}

/// In the foreground, in place of a process that is told to finish.
fn launch(scratch: &Scratch, before: Option<Pid>) -> Result<Running, Trouble> {
    let mut command = scratch.command(PROGRAM);
    command.arg("-db").arg("-f").arg(scratch.path().join(FILE));
    if let Some(pid) = before {
        command.arg("-sf").arg(pid.as_raw_nonzero().to_string());
    }
    Running::start(scratch, "haproxy", command)
}

fn exchange(admin: &Path, command: &str) -> io::Result<String> {
    let mut socket = UnixStream::connect(admin)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    writeln!(socket, "{command}")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

fn admin_socket(scratch: &Scratch) -> std::path::PathBuf {
    scratch.path().join("admin.sock")
}
