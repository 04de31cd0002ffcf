//! The .deb and the .rpm hold what `make install` installs, byte for byte, and go again. Runs where the
//! environment says in `PACKAGES` which folder has them (`make packages-test`).
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::Trouble;
use support::scratch::Scratch;

/// What only a .deb has: Debian's own papers.
const DEBIANS: [&str; 2] = [
    "usr/share/doc/pgsql-state/changelog.Debian.gz",
    "usr/share/doc/pgsql-state/copyright",
];

/// The programs, which are stripped, and built for release.
const PROGRAMS: [&str; 2] = [
    "usr/bin/pgsql-state",
    "usr/lib/ocf/resource.d/pgsql-state/pgsqlms",
];

/// The package of this kind, where packages are to be tested.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "whoever runs the tests says by the environment whether these are wanted, and is told"
)]
fn package(end: &str) -> Option<PathBuf> {
    let Ok(folder) = std::env::var("PACKAGES") else {
        println!("not run: there is no PACKAGES");
        return None;
    };
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = files.filter(|path| path.extension().is_some_and(|found| found == end));
    let package = found.next().unwrap();
    assert_eq!(found.next(), None, "{folder} has several");
    Some(fs::canonicalize(package).unwrap())
}

/// What a command writes, where it succeeds and complains of nothing.
fn said(command: &mut Command) -> String {
    let output: Output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{complaint}");
    assert_eq!(complaint, "", "{command:?}");
    text
}

/// The files below a folder, by their names from there: mode and content, compressed ones as they were before.
fn files(root: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
            let content = match name.strip_suffix(".gz") {
                Some(_) => Command::new("zcat").arg(&path).output().unwrap().stdout,
                None => fs::read(&path).unwrap(),
            };
            files.insert(name, (mode, content));
        }
    }
    files
}

/// What `make install` installs, below a folder of its own.
fn installed(scratch: &Scratch) -> BTreeMap<String, (u32, Vec<u8>)> {
    let root = scratch.path().join("installed");
    let mut make = Command::new("make");
    make.args(["--no-print-directory", "--directory"])
        .args([env!("CARGO_MANIFEST_DIR"), "install", "PREFIX=/usr"])
        .arg(format!("DESTDIR={}", root.display()))
        .arg(concat!("PROGRAM=", env!("CARGO_BIN_EXE_pgsql-state")));
    said(&mut make);
    files(&root)
}

/// Compares names, modes and contents; of the programs, all but the content.
fn assert_same(
    mut packed: BTreeMap<String, (u32, Vec<u8>)>,
    mut installed: BTreeMap<String, (u32, Vec<u8>)>,
) {
    for files in [&mut packed, &mut installed] {
        for program in PROGRAMS {
            files.get_mut(program).unwrap().1.clear();
        }
    }
    let names = |files: &BTreeMap<String, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&packed), names(&installed));
    for (name, file) in packed {
        assert!(installed.get(&name) == Some(&file), "{name} is another one");
    }
}

#[test]
fn the_deb_holds_what_is_installed_and_debians_papers() -> Result<(), Trouble> {
    let Some(package) = package("deb") else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let root = scratch.path().join("unpacked");
    said(
        scratch
            .command("dpkg-deb")
            .arg("--extract")
            .args([&package, &root]),
    );
    let mut packed = files(&root);
    for name in DEBIANS {
        assert!(packed.remove(name).is_some(), "{name}");
    }
    // Debian's manual has compressed pages.
    let packed = packed.into_iter();
    let packed = packed.map(|(name, file)| (name.trim_end_matches(".gz").to_owned(), file));
    assert_same(packed.collect(), installed(&scratch));
    Ok(())
}

#[test]
fn debians_judge_finds_nothing_wrong() -> Result<(), Trouble> {
    let Some(package) = package("deb") else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let mut lintian = scratch.command("lintian");
    // It is no upload to Debian, which would close a request for it.
    let unfit = "--suppress-tags=initial-upload-closes-no-bugs";
    lintian.args([unfit, "--fail-on=error,warning", "--allow-root"]);
    assert_eq!(said(lintian.arg(package)), "");
    Ok(())
}

#[test]
fn the_rpm_holds_what_is_installed_and_goes_again() -> Result<(), Trouble> {
    let Some(package) = package("rpm") else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let root = scratch.path().join("unpacked");
    fs::create_dir(&root).unwrap();
    let rpm = |arguments: &[&str]| {
        let mut command = scratch.command("rpm");
        // A database below the same root; Debian's rpm keeps its own in root's home otherwise.
        command
            .arg("--root")
            .arg(&root)
            .arg("--dbpath=/var/lib/rpm");
        said(command.args(arguments))
    };
    let path = package.to_str().unwrap();
    // This is no system of rpm's, as Debian's rpm would say: what the package needs is not there, nor what its
    // scripts call.
    rpm(&[
        "--install",
        "--force-debian",
        "--nodeps",
        "--noscripts",
        path,
    ]);
    let verified = rpm(&["--verify", "--nodeps", "--noscripts", "pgsql-state"]);
    assert_eq!(verified, "");
    let ours = |root: &Path| {
        let files = files(root).into_iter();
        files
            .filter(|(name, _)| !name.starts_with("var/lib/rpm/"))
            .collect()
    };
    assert_same(ours(&root), installed(&scratch));
    rpm(&["--erase", "--force-debian", "--noscripts", "pgsql-state"]);
    let left: BTreeMap<String, (u32, Vec<u8>)> = ours(&root);
    assert_eq!(left.keys().collect::<Vec<_>>(), [""; 0]);
    Ok(())
}

#[test]
fn the_rpm_needs_what_its_program_and_its_scripts_do() -> Result<(), Trouble> {
    let Some(package) = package("rpm") else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let query = |what: &str| {
        said(
            scratch
                .command("rpm")
                .args(["--query", "--package", what])
                .arg(&package),
        )
    };
    let needs = query("--requires");
    for name in ["libc.so.6", "systemd", "/bin/sh"] {
        assert!(
            needs.lines().any(|line| line.starts_with(name)),
            "{name}: {needs}"
        );
    }
    let scripts = query("--scripts");
    for part in ["postinstall", "preuninstall", "postuninstall"] {
        assert!(scripts.contains(part), "{part}: {scripts}");
    }
    Ok(())
}
