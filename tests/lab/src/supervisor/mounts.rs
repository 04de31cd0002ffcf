//! The roots of the hosts: the base below, what a host writes above (overlayfs); and the servers' disks
//! for data, which can be full without the machine being.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use crate::program::{output, within};

/// Longest that the kernel may take for it.
const LIMIT: Duration = Duration::from_secs(30);

/// Size of a server's disk for data. Nothing of it is taken from this machine before it is written.
const DISK: u64 = 3 << 30;

/// Mounts all roots and disks, and hides `/run`: systemd-nspawn keeps notes there, and asks systemd for things
/// when it finds it.
pub(super) fn make(places: &Places, base: &Path) -> Result<(), Error> {
    mount(&["-t", "tmpfs", "tmpfs", "/run"], "hiding /run")?;
    for host in Host::ALL {
        let (root, upper, work) = (places.root(host), places.upper(host), places.work(host));
        for folder in [&root, &upper, &work] {
            fs::create_dir_all(folder).map_err(Error::io(format!("make {}", folder.display())))?;
        }
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            base.display(),
            upper.display(),
            work.display()
        );
        let root = root.display().to_string();
        let doing = format!("mounting the root of {host}");
        mount(&["-t", "overlay", "overlay", "-o", &options, &root], &doing)?;
        introduce(places, host)?;
    }
    for host in Host::SERVERS {
        make_disk(places, host)?;
    }
    Ok(())
}

/// A file system of its own for a server's PostgreSQL. The kernel lets its loop device go when it is
/// unmounted, also with the namespace of a killed supervisor.
fn make_disk(places: &Places, host: Host) -> Result<(), Error> {
    let (disk, data) = (places.disk(host), places.data(host));
    for folder in [disk.parent(), Some(data.as_path())].into_iter().flatten() {
        fs::create_dir_all(folder).map_err(Error::io(format!("make {}", folder.display())))?;
    }
    File::create(&disk)
        .and_then(|file| file.set_len(DISK))
        .map_err(Error::io(format!("make {}", disk.display())))?;
    let mut format = within(LIMIT, "mkfs.ext4");
    let doing = format!("formatting the disk of {host}");
    output(format.args(["-q", "-F", "-m", "0"]).arg(&disk), &doing)?;
    let (disk, data) = (disk.display().to_string(), data.display().to_string());
    let doing = format!("mounting the disk of {host}");
    mount(&["-o", "loop", &disk, &data], &doing)
}

/// What an installer would ask for: the name of a host, and its address, for the networkd in it.
fn introduce(places: &Places, host: Host) -> Result<(), Error> {
    let network = format!(
        "[Match]\nName=host0\n\n[Network]\nAddress={}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n",
        host.address()
    );
    for (file, text) in [
        ("etc/hostname", format!("{host}\n")),
        ("etc/systemd/network/10-host0.network", network),
    ] {
        let path = places.root(host).join(file);
        fs::write(&path, text).map_err(Error::io(format!("write {}", path.display())))?;
    }
    Ok(())
}

/// Unmounts what [`make`] mounted, so that the folders can be removed.
pub(super) fn remove(places: &Places) {
    let roots = Host::ALL.map(|host| places.root(host));
    let disks = Host::SERVERS.map(|host| places.data(host));
    for mounted in roots.iter().chain(&disks) {
        if mounted.exists() {
            // Fails where the start did not come so far.
            within(LIMIT, "umount").arg(mounted).output().ok();
        }
    }
}

fn mount(arguments: &[&str], doing: &str) -> Result<(), Error> {
    let mut command: Command = within(LIMIT, "mount");
    output(command.args(arguments), doing).map(drop)
}
