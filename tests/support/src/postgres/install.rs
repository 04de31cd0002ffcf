//! Which PostgreSQL programs there are, and as whom they run: PostgreSQL refuses to run as root.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// Where Debian's packages put one directory a major version.
const MAJORS: &str = "/usr/lib/postgresql";

/// Another version than the newest that is installed: the folder of its programs, below one with the name of its major
/// version. `tests/postgresql/provide` makes such folders and prints them.
const CHOSEN: &str = "POSTGRES_BIN";

/// The programs of one PostgreSQL version and the user that runs them.
#[derive(Clone, Debug)]
pub(super) struct Install {
    major: u32,
    programs: PathBuf,
    /// `None`: we run them as ourselves.
    owner: Option<Owner>,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Install {
    /// The version that is to be tested: the one that was chosen, else the newest that is installed.
    pub(super) fn chosen() -> Result<Self, Trouble> {
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever runs the tests chooses the version"
        )]
        let chosen = std::env::var_os(CHOSEN);
        let programs = match chosen {
            Some(chosen) => PathBuf::from(chosen),
            None => newest()?,
        };
        let folder = programs.parent().and_then(Path::file_name);
        let major = folder.and_then(|name| name.to_str()?.parse().ok());
        let (Some(major), true) = (major, is_server(&programs)) else {
            return Err(Trouble::Unfit(format!(
                "{CHOSEN} is {}; the folder bin of a major version with initdb and postgres was expected",
                programs.display()
            )));
        };
        Ok(Self {
            major,
            programs,
            owner: owner()?,
        })
    }

    /// Its major version.
    pub(super) fn major(&self) -> u32 {
        self.major
    }

    /// Where a program is: of this version; or, where it came without that one, of the newest that is installed.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        let own = self.programs.join(name);
        match newest() {
            Ok(newest) if !own.exists() => newest.join(name),
            Ok(_) | Err(_) => own,
        }
    }

    /// A command of this version, as its user, working in `scratch`.
    pub(super) fn command(&self, scratch: &Scratch, program: &str) -> Command {
        let mut command = scratch.command(self.program(program));
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }

    /// Makes a directory that belongs to the user.
    pub(super) fn make_dir(&self, path: &Path, mode: u32) -> Result<(), Trouble> {
        let doing = format!("make {}", path.display());
        let created = fs::DirBuilder::new().mode(mode).create(path);
        created.map_err(Trouble::io(doing))?;
        self.give(path)
    }

    /// Writes a file that only the user may read: PostgreSQL demands that of a private key.
    pub(super) fn write(&self, path: &Path, text: &str) -> Result<(), Trouble> {
        let doing = format!("write {}", path.display());
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(Trouble::io(doing))?;
        self.give(path)
    }

    /// Makes a FIFO that belongs to the user.
    pub(super) fn make_fifo(&self, path: &Path) -> Result<(), Trouble> {
        let doing = format!("make {}", path.display());
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .map_err(|errno| Trouble::io(doing)(errno.into()))?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> Result<(), Trouble> {
        let Some(owner) = self.owner else {
            return Ok(());
        };
        chown(path, Some(owner.uid), Some(owner.gid)).map_err(Trouble::io(format!(
            "give {} to the user postgres",
            path.display()
        )))
    }

    /// The user's name.
    pub(super) fn owner_name(&self) -> Result<String, Trouble> {
        let uid = self
            .owner
            .map_or_else(uzers::get_effective_uid, |owner| owner.uid);
        let user = uzers::get_user_by_uid(uid)
            .ok_or_else(|| Trouble::Unfit(format!("the user {uid} has no name")))?;
        Ok(user.name().to_string_lossy().into_owned())
    }

    /// Tells data directories of different versions and users apart.
    pub(super) fn label(&self) -> String {
        let uid = self
            .owner
            .map_or_else(uzers::get_effective_uid, |owner| owner.uid);
        format!("{}-{uid}", self.major)
    }
}

/// The programs of the newest major version that has a server, as Debian's packages put them.
fn newest() -> Result<PathBuf, Trouble> {
    let directories = fs::read_dir(MAJORS).into_iter().flatten().flatten();
    let servers = directories.filter_map(|entry| {
        let major: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        is_server(&programs).then_some((major, programs))
    });
    let newest = servers.max_by_key(|(major, _)| *major);
    newest.map(|(_, programs)| programs).ok_or_else(|| {
        Trouble::Unfit(format!(
            "there is no PostgreSQL server below {MAJORS}; install Debian's package postgresql"
        ))
    })
}

fn is_server(programs: &Path) -> bool {
    programs.join("initdb").exists() && programs.join("postgres").exists()
}

fn owner() -> Result<Option<Owner>, Trouble> {
    if uzers::get_effective_uid() != 0 {
        return Ok(None);
    }
    let user = uzers::get_user_by_name("postgres").ok_or_else(|| {
        Trouble::Unfit("root may not run PostgreSQL, and there is no user postgres".into())
    })?;
    Ok(Some(Owner {
        uid: user.uid(),
        gid: user.primary_group_id(),
    }))
}
