//! The roots of the hosts: the base below, what a host writes above (overlayfs).

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use crate::program::{output, within};

/// Longest that the kernel may take for it.
const LIMIT: Duration = Duration::from_secs(30);

/// Mounts all roots, and hides `/run`: systemd-nspawn keeps notes there, and asks systemd for things
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
    Ok(())
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
    for host in Host::ALL {
        let root = places.root(host);
        if root.exists() {
            // Fails where the start did not come so far.
            within(LIMIT, "umount").arg(&root).output().ok();
        }
    }
}

fn mount(arguments: &[&str], doing: &str) -> Result<(), Error> {
    let mut command: Command = within(LIMIT, "mount");
    output(command.args(arguments), doing).map(drop)
}
