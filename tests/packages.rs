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

use serde_json::Value;
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

/// The files of a .deb.
fn of_deb(scratch: &Scratch, package: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let root = scratch.path().join("unpacked");
    let mut unpack = scratch.command("dpkg-deb");
    said(unpack.arg("--extract").args([package, &root]));
    files(&root)
}

/// Has rpm work in a folder of its own, which is no system of rpm's, as Debian's rpm would say: what a package needs is
/// not there, nor what its scripts call. The database is below it too; Debian's rpm keeps its own in root's home otherwise.
fn rpm(scratch: &Scratch, root: &Path, arguments: &[&str]) -> String {
    let mut command = scratch.command("rpm");
    command.arg("--root").arg(root).arg("--dbpath=/var/lib/rpm");
    said(command.args(arguments))
}

/// The files of a .rpm that is installed into a folder.
fn of_rpm(scratch: &Scratch, root: &Path, package: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    fs::create_dir(root).unwrap();
    let path = package.to_str().unwrap();
    let only = ["--force-debian", "--nodeps", "--noscripts"];
    rpm(
        scratch,
        root,
        &[&["--install"], &only[..], &[path]].concat(),
    );
    beside_rpms_own(root)
}

fn beside_rpms_own(root: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let files = files(root).into_iter();
    files
        .filter(|(name, _)| !name.starts_with("var/lib/rpm/"))
        .collect()
}

/// Both programs of both packages, by what to call them.
fn programs(scratch: &Scratch) -> Option<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let root = scratch.path().join("of rpm");
    for (packed, kind) in [
        (of_deb(scratch, &package("deb")?), "deb"),
        (of_rpm(scratch, &root, &package("rpm")?), "rpm"),
    ] {
        for program in PROGRAMS {
            let (_, content) = packed.get(program).unwrap();
            found.push((format!("{program} of the {kind}"), content.clone()));
        }
    }
    Some(found)
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
    let mut packed = of_deb(&scratch, &package);
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
    let packed = of_rpm(&scratch, &root, &package);
    let verify = ["--verify", "--nodeps", "--noscripts", "pgsql-state"];
    assert_eq!(rpm(&scratch, &root, &verify), "");
    assert_same(packed, installed(&scratch));
    let erase = ["--erase", "--force-debian", "--noscripts", "pgsql-state"];
    rpm(&scratch, &root, &erase);
    let left = beside_rpms_own(&root);
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

/// Whoever reads them learns neither the name of an account nor where crates come from.
#[test]
fn no_program_tells_where_it_was_built() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let Some(programs) = programs(&scratch) else {
        return Ok(());
    };
    let places = [
        env!("CARGO_MANIFEST_DIR"),
        "/.cargo/",
        "/registry/src/",
        "/.rustup/",
    ];
    for (name, content) in programs {
        for place in places {
            let has = content
                .windows(place.len())
                .any(|bytes| bytes == place.as_bytes());
            assert!(!has, "{name} has {place}");
        }
        // That something would be found: the places of panics are there.
        let crates = b"crates/tokio-";
        assert!(
            content.windows(crates.len()).any(|bytes| bytes == crates),
            "{name}"
        );
    }
    Ok(())
}

/// What a scanner reads of a host: every crate of a program with its version, as `Cargo.lock` has it.
#[test]
fn each_program_says_of_what_it_is_made() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let Some(programs) = programs(&scratch) else {
        return Ok(());
    };
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    for (name, content) in programs {
        let program = scratch.path().join("program");
        fs::write(&program, content).unwrap();
        let section = scratch.path().join("section");
        let mut dump = scratch.command("objcopy");
        dump.arg("--dump-section")
            .arg(format!(".dep-v0={}", section.display()));
        said(dump.arg(&program).arg("/dev/null"));
        let mut inflate = scratch.command("python3");
        let script =
            "import sys, zlib; print(zlib.decompress(open(sys.argv[1], 'rb').read()).decode())";
        let text = said(inflate.args(["-c", script]).arg(&section));
        let document: Value = serde_json::from_str(&text).unwrap();
        let crates = document["packages"].as_array().unwrap();
        for found in crates {
            let field = |key: &str| found[key].as_str().unwrap();
            let entry = format!(
                "name = \"{}\"\nversion = \"{}\"\n",
                field("name"),
                field("version")
            );
            assert!(lock.contains(&entry), "{name}: {entry}");
        }
        let has = |wanted: &str| crates.iter().any(|found| found["name"] == wanted);
        for wanted in ["pgsql-state", "tokio", "rustls", "ring"] {
            assert!(has(wanted), "{name}: {wanted}: {text}");
        }
        // What only tests need is in none.
        assert!(!has("proptest"), "{name}: {text}");
    }
    Ok(())
}
