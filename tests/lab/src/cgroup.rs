//! A control group for each host, in the hierarchy that systemd uses: version 2, version 1's
//! `name=systemd`, or both side by side. Without one of its own a host's systemd would work in the
//! group of whoever started the lab.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use support::until_ok_every;

use crate::error::Error;
use crate::host::Host;
use crate::places::Places;

/// The lab's group in each hierarchy.
#[derive(Debug)]
pub(crate) struct Cgroups {
    /// Where the supervisor was before.
    outside: Vec<PathBuf>,
    /// The lab's folders.
    own: Vec<PathBuf>,
}

impl Cgroups {
    /// Makes a group for each host and one for the supervisor, and writes down which.
    pub(crate) fn make(places: &Places) -> Result<Self, Error> {
        let table =
            fs::read_to_string("/proc/self/cgroup").map_err(Error::io("read /proc/self/cgroup"))?;
        let outside: Vec<PathBuf> = folders(&table, Path::new("/sys/fs/cgroup"))
            .into_iter()
            .filter(|folder| folder.join("cgroup.procs").exists())
            .collect();
        let name = name(places);
        let own: Vec<PathBuf> = outside.iter().map(|folder| folder.join(&name)).collect();
        let list: Vec<String> = own.iter().map(|path| path.display().to_string()).collect();
        let file = places.cgroups();
        fs::write(&file, list.join("\n"))
            .map_err(Error::io(format!("write {}", file.display())))?;
        for folder in &own {
            for group in Host::ALL.map(Host::name).into_iter().chain(["supervisor"]) {
                let path = folder.join(group);
                fs::create_dir_all(&path).map_err(Error::io(format!(
                    "make the control group {}",
                    path.display()
                )))?;
            }
        }
        let cgroups = Self { outside, own };
        cgroups.enter("supervisor")?;
        Ok(cgroups)
    }

    /// Moves this process, and what it will start, into a group of the lab.
    pub(crate) fn enter(&self, group: &str) -> Result<(), Error> {
        self.own.iter().try_for_each(|own| join(&own.join(group)))
    }

    /// Moves this process back to where it came from.
    pub(crate) fn leave(&self) -> Result<(), Error> {
        self.outside.iter().try_for_each(|folder| join(folder))
    }
}

/// The groups' name, of this checkout: two checkouts may have a lab at the same time.
fn name(places: &Places) -> String {
    let mut hasher = DefaultHasher::new();
    places.lab().hash(&mut hasher);
    format!("pgsql-state-lab-{:016x}", hasher.finish())
}

fn join(folder: &Path) -> Result<(), Error> {
    // 0 is whoever writes it (cgroups(7)).
    fs::write(folder.join("cgroup.procs"), "0").map_err(Error::io(format!(
        "join the control group {}",
        folder.display()
    )))
}

/// The folders of this process's groups, from `/proc/self/cgroup`; pure.
fn folders(table: &str, mount: &Path) -> Vec<PathBuf> {
    let below = |path: &str, name: &str| mount.join(name).join(path.trim_start_matches('/'));
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':');
            match (fields.next()?, fields.next()?, fields.next()?) {
                (_, "name=systemd", path) => Some(vec![below(path, "systemd")]),
                // Mounted alone, or beside version 1.
                ("0", "", path) => Some(vec![below(path, ""), below(path, "unified")]),
                _ => None,
            }
        })
        .flatten()
        .collect()
}

/// Removes the groups that a run wrote down, once their last process is gone.
pub(crate) fn remove(places: &Places) -> Result<(), Error> {
    let Ok(list) = fs::read_to_string(places.cgroups()) else {
        return Ok(());
    };
    for folder in list.lines().map(Path::new) {
        until_ok_every(
            Duration::from_millis(20),
            Duration::from_secs(20),
            &format!("the last process of {}", folder.display()),
            || remove_tree(folder),
        )?;
    }
    Ok(())
}

/// A group can be removed when it has no process and no group below it.
fn remove_tree(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_systemd_are_found_in_every_kind_of_hierarchy() {
        let mount = Path::new("/cg");
        let hybrid = "9:name=systemd:/a\n8:pids:/b\n0::/c\n";
        assert_eq!(
            folders(hybrid, mount),
            ["/cg/systemd/a", "/cg/c", "/cg/unified/c"].map(PathBuf::from)
        );
        assert_eq!(
            folders("0::/user.slice\n", mount),
            ["/cg/user.slice", "/cg/unified/user.slice"].map(PathBuf::from)
        );
    }
}
