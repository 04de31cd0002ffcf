//! The root that all hosts share: a Debian with the cluster's packages, or without them, built once and
//! kept until the list of packages changes.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use support::suites::Suite;

use crate::error::Error;
use crate::places::Places;
use crate::plan::Plan;
use crate::program::{output, within};
use crate::say::say;

/// The scripts whose text decides what is in the base.
const SCRIPTS: [&str; 2] = ["common.sh", "packages.sh"];

/// What a Debian needs before `packages.sh` can run in it.
const BEFORE: &str = "systemd,systemd-sysv,dbus";

/// What tries the resource agents out: ocf-tester reads their meta-data with xmllint.
const TOOLS: &str = "libxml2-utils,strace";

/// A network for a host that has no installer, and no jobs of its own while something is measured.
const AFTER: &str = "systemctl --quiet --root=\"$1\" enable systemd-networkd.service && \
     systemctl --quiet --root=\"$1\" mask apt-daily.timer apt-daily-upgrade.timer \
     dpkg-db-backup.timer e2scrub_all.timer fstrim.timer logrotate.timer && \
     rm -rf \"$1/lab\" \"$1/etc/resolv.conf\" \"$1/etc/hostname\" && : >\"$1/etc/machine-id\"";

/// Download and unpacking of 0.7 GB, on a slow machine.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a root has.
#[derive(Clone, Debug)]
pub(crate) enum Root<'a> {
    /// All that hosts of the cluster run.
    Cluster(&'a Plan),
    /// What an installer leaves, and these packages and what they need, fetched and not installed.
    Bare(&'a Suite, Vec<String>),
}

impl Root<'_> {
    /// What its folders' names begin with.
    fn kind(&self) -> String {
        let content = match self {
            Self::Cluster(_) => "base",
            Self::Bare(..) => "bare",
        };
        format!("{content}-{}", self.suite())
    }

    /// The suite that its packages are of.
    pub(crate) const fn suite(&self) -> &Suite {
        match self {
            Self::Cluster(plan) => &plan.suite,
            Self::Bare(suite, _) => suite,
        }
    }
}

/// The root for today's list of packages, built if it is not there.
pub(crate) fn provide(places: &Places, root: &Root<'_>) -> Result<PathBuf, Error> {
    let base = places.base(&root.kind(), &key(&places.provision(), root)?);
    if base.exists() {
        return Ok(base);
    }
    remove_others(places, root)?;
    say("building the root of the hosts, once until their packages change ...");
    let part = places.base(&root.kind(), "part");
    let scratch = places.lab().join("build");
    let result = build(places, root, &part, &scratch);
    fs::remove_dir_all(&scratch).ok();
    if let Err(error) = result {
        fs::remove_dir_all(&part).ok();
        return Err(error);
    }
    fs::rename(&part, &base).map_err(Error::io(format!("name {}", base.display())))?;
    Ok(base)
}

fn build(places: &Places, root: &Root<'_>, part: &Path, scratch: &Path) -> Result<(), Error> {
    let mut command = within(LIMIT, "mmdebstrap");
    command
        .args(["--quiet", "--skip=output/dev"])
        .args(["--dpkgopt=force-unsafe-io", "--format=directory"])
        // A mirror that has stood still for some days is good enough for hosts that live for minutes.
        .arg("--aptopt=Acquire::Check-Valid-Until \"false\"")
        .arg(format!("--include={BEFORE}"));
    match root {
        Root::Cluster(plan) => {
            let share = share(places, plan, scratch)?;
            command
                .arg("--variant=minbase")
                .arg(format!("--include={TOOLS}"))
                .arg(format!("--customize-hook=copy-in {} /", share.display()))
                .arg("--customize-hook=chroot \"$1\" /lab/packages.sh /lab/cluster.env");
        }
        Root::Bare(_, packages) => {
            command
                .args(["--variant=important", "--skip=cleanup/apt"])
                // For the lab's own fence agent.
                .arg("--include=socat")
                .arg(format!(
                    "--customize-hook=chroot \"$1\" apt-get --quiet=2 --yes --download-only install {}",
                    packages.join(" ")
                ));
        }
    }
    command
        .arg(format!("--customize-hook={AFTER}"))
        .arg(&root.suite().name)
        .arg(part)
        .args(sources(places, root.suite(), scratch)?);
    output(&mut command, "building the root of the hosts").map(drop)
}

/// What `packages.sh` is to find in the root.
fn share(places: &Places, plan: &Plan, scratch: &Path) -> Result<PathBuf, Error> {
    let share = scratch.join("lab");
    fs::create_dir_all(&share).map_err(Error::io(format!("make {}", share.display())))?;
    for script in SCRIPTS {
        copy(&places.provision().join(script), &share.join(script))?;
    }
    let variables = share.join("cluster.env");
    fs::write(&variables, plan.variables())
        .map_err(Error::io(format!("write {}", variables.display())))?;
    Ok(share)
}

/// The file of this machine's own sources of packages for another suite, as `tests/suite-sources` writes it; none: Debian's.
fn sources(places: &Places, suite: &Suite, scratch: &Path) -> Result<Option<PathBuf>, Error> {
    let mut command = within(LIMIT, places.checkout().join("tests/suite-sources"));
    command.arg(&suite.name).arg(scratch);
    let file = output(&mut command, "writing the sources of packages")?;
    let file = file.trim_end();
    Ok((!file.is_empty()).then(|| PathBuf::from(file)))
}

/// Changes when the base would.
fn key(provision: &Path, root: &Root<'_>) -> Result<String, Error> {
    // Its result is the same in every run of one build; a new compiler may cost one new base.
    let mut hasher = DefaultHasher::new();
    match root {
        Root::Cluster(_) => {
            for script in SCRIPTS {
                let path = provision.join(script);
                let text =
                    fs::read(&path).map_err(Error::io(format!("read {}", path.display())))?;
                hasher.write(&text);
            }
            hasher.write(TOOLS.as_bytes());
        }
        Root::Bare(_, packages) => hasher.write(packages.join(" ").as_bytes()),
    }
    for text in [BEFORE, AFTER] {
        hasher.write(text.as_bytes());
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Roots of the same kind and suite for earlier lists, and what a killed build left.
fn remove_others(places: &Places, root: &Root<'_>) -> Result<(), Error> {
    let begins = format!("{}-", root.kind());
    let folder = places.lab();
    let entries = fs::read_dir(folder).map_err(Error::io(format!("read {}", folder.display())))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(&begins) {
            let path = entry.path();
            fs::remove_dir_all(&path).map_err(Error::io(format!("remove {}", path.display())))?;
        }
    }
    Ok(())
}

/// Copies a file with its mode.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to)
        .map(drop)
        .map_err(Error::io(format!("copy {}", from.display())))
}
