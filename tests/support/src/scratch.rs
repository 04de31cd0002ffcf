//! A directory below `/tmp` that vanishes with everything that works in it, whatever becomes of the
//! process that asked for it; knows nothing of what is put there.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::trouble::Trouble;

/// The keeper's program: the same path cleans up after success, panic and SIGKILL.
const KEEPER: &str = include_str!("scratch.sh");

/// A directory with a short name (a socket's path may have 107 bytes) and the process that keeps it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    keeper: Child,
}

impl Scratch {
    /// Makes a directory that everybody may enter and only we may write to.
    pub fn new() -> Result<Self, Trouble> {
        let doing = "start the keeper of a directory below /tmp";
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            // Not in our group: Ctrl-C and a test runner's SIGKILL go to the whole group.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Trouble::io(doing))?;
        let mut line = String::new();
        if let Some(stdout) = keeper.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(Trouble::io(doing))?;
        }
        if !line.ends_with('\n') {
            return Err(Trouble::Unfit(
                "no directory could be made below /tmp".into(),
            ));
        }
        Ok(Self {
            path: line.trim_end().into(),
            keeper,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A command that works in the directory, and so ends with it, in an environment of its own:
    /// nobody's `PGHOST` or `~/.pgpass` leads it astray.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(&self.path)
            .process_group(0)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", &self.path)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_in_the_directory_ends_with_it() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        let mut sleeper = scratch.command("/bin/sleep").arg("60").spawn().unwrap();
        std::fs::write(path.join("file"), "text").unwrap();
        drop(scratch);
        assert!(!sleeper.wait().unwrap().success());
        assert!(!path.exists());
    }

    #[test]
    fn a_keeper_that_nobody_listens_to_still_cleans_up() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut keeper = Command::new("/bin/sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .stdin(Stdio::null())
            .stdout(writer);
        assert!(keeper.status().unwrap().success());
    }
}
