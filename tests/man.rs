//! The manual pages as man(1) shows them: without a warning, and with what is asked for.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use support::Trouble;
use support::scratch::Scratch;

/// The pages, and the files that they are installed as.
const PAGES: [(&str, &str); 3] = [
    ("pgsql-state", "pgsql-state.8"),
    ("pgsql-state.toml", "pgsql-state.toml.5"),
    ("pgsqlms", "pgsqlms.7"),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn page(scratch: &Scratch, name: &str, file: &str) -> PathBuf {
    let mut command = scratch.command(env!("CARGO_BIN_EXE_pgsql-state"));
    let output = command.args(["man", name]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let path = scratch.path().join(file);
    fs::write(&path, output.stdout).unwrap();
    path
}

fn show(scratch: &Scratch, path: &PathBuf) -> Output {
    let mut command = scratch.command("man");
    command
        .env("LC_ALL", "C.UTF-8")
        .env("MANWIDTH", "80")
        .args(["--warnings", "--local-file"])
        .arg(path);
    command.output().unwrap()
}

#[test]
fn no_reader_finds_anything_wrong_with_a_page() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    for (name, file) in PAGES {
        let path = page(&scratch, name, file);
        let shown = show(&scratch, &path);
        assert_eq!(text(&shown.stderr), "", "{name}");
        assert!(text(&shown.stdout).contains("SEE ALSO"), "{shown:?}");
        let mut mandoc = scratch.command("mandoc");
        let found = mandoc.args(["-Tlint", "-Wwarning"]).arg(&path).output();
        let found = text(&found.unwrap().stdout);
        // A page with a date would be another one tomorrow.
        let wrong = found.lines().filter(|line| !line.contains("missing date"));
        assert_eq!(wrong.collect::<Vec<_>>(), [""; 0], "{name}");
    }
    // That either would find something.
    let path = scratch.path().join("wrong.8");
    fs::write(&path, ".TH wrong 8\n.SH NAME\nwrong \\- \\*[nothing]\n").unwrap();
    assert_ne!(text(&show(&scratch, &path).stderr), "");
    let mut mandoc = scratch.command("mandoc");
    let found = mandoc.args(["-Tlint", "-Wwarning"]).arg(&path).output();
    let found = text(&found.unwrap().stdout);
    assert!(found.contains("undefined string"), "{found}");
    Ok(())
}

#[test]
fn a_page_begins_with_its_title_and_section() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    for (name, file) in PAGES {
        let path = page(&scratch, name, file);
        let section = path.extension().unwrap().to_string_lossy().into_owned();
        let shown = text(&show(&scratch, &path).stdout);
        let title = format!("{name}({section})");
        let first = shown.lines().next().unwrap();
        assert!(
            first.starts_with(&title) && first.ends_with(&title),
            "{first}"
        );
    }
    Ok(())
}

/// A page that none is named for is the program's.
#[test]
fn the_program_s_own_page_needs_no_name() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let mut command = scratch.command(env!("CARGO_BIN_EXE_pgsql-state"));
    let unnamed = command.arg("man").output().unwrap().stdout;
    let (name, file) = PAGES[0];
    assert_eq!(
        text(&unnamed),
        fs::read_to_string(page(&scratch, name, file)).unwrap()
    );
    Ok(())
}

/// Those who know agents look for their pages by such a name, as in `man ocf_heartbeat_IPaddr2`.
#[test]
fn the_agent_s_page_is_found_as_pages_of_agents_are() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let folder = scratch.path().join("man7");
    fs::create_dir(&folder).unwrap();
    let agents = page(&scratch, "pgsqlms", "man7/pgsqlms.7");
    let name = "ocf_pgsql-state_pgsqlms";
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/");
    let file = format!("{name}.7");
    fs::copy(format!("{shipped}{file}"), folder.join(&file)).unwrap();
    let mut command = scratch.command("man");
    command.env("MANWIDTH", "80").arg("--manpath");
    let found = command.arg(scratch.path()).args(["7", name]).output();
    let found = text(&found.unwrap().stdout);
    assert_eq!(found, text(&show(&scratch, &agents).stdout));
    assert!(found.starts_with("pgsqlms(7)"), "{found}");
    Ok(())
}
