//! The guide as steps: which commands on which hosts, and what they show; pure.
//!
//! A step is a code block whose first line says where it is done, as in `sh on srv1 srv2`. With `yours` at
//! its end it is a matter of the reader's own machines, and is not done; with `shows`, the code block after
//! it is what the commands print.

use std::mem::take;

use thiserror::Error;

use crate::host::Host;

/// What is done at once, on each of some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The line of the page on which its commands begin, from 1.
    pub(super) line: usize,
    /// Where.
    pub(super) hosts: Vec<Host>,
    /// Who does it.
    pub(super) by: Whose,
    /// Lines of shell.
    pub(super) commands: String,
    /// What each host prints, where the page says so.
    pub(super) shows: Option<String>,
}

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Whoever follows the page, as it stands.
    Readers,
    /// The reader, with what only the reader has.
    ReadersOwn,
}

/// A page that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub(super) struct PageError {
    line: usize,
    what: String,
}

const FENCE: &str = "```";

/// The steps of a page, in their order.
pub(super) fn steps(page: &str) -> Result<Vec<Step>, PageError> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open: Option<Block> = None;
    let mut promised = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (open.take(), line.strip_prefix(FENCE)) {
            (None, Some(info)) => open = Some(Block::begin(info, number)?),
            (None, None) => {}
            (Some(mut block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (Some(block), Some(_)) => match (block.step, promised.take()) {
                (Some((hosts, by, show)), None) => {
                    promised = (show == Show::Next).then_some(number);
                    steps.push(Step {
                        line: block.line + 1,
                        hosts,
                        by,
                        commands: block.text,
                        shows: None,
                    });
                }
                (None, Some(_)) => {
                    if let Some(step) = steps.last_mut() {
                        step.shows = Some(block.text);
                    }
                }
                (None, None) => {}
                (Some(_), Some(line)) => return Err(wrong(line, "what the step shows is missing")),
            },
        }
    }
    match (open, promised) {
        (Some(block), _) => Err(wrong(block.line, "the block does not end")),
        (None, Some(line)) => Err(wrong(line, "what the step shows is missing")),
        (None, None) => Ok(steps),
    }
}

/// A code block.
struct Block {
    line: usize,
    step: Option<(Vec<Host>, Whose, Show)>,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Next,
    Nothing,
}

impl Block {
    fn begin(info: &str, line: usize) -> Result<Self, PageError> {
        let mut words: Vec<&str> = info.split_whitespace().collect();
        let step = if words.get(..2) == Some(&["sh", "on"]) {
            words.drain(..2);
            let mut last = |word: &str| words.pop_if(|last| *last == word).is_some();
            let show = if last("shows") {
                Show::Next
            } else {
                Show::Nothing
            };
            let by = if last("yours") {
                Whose::ReadersOwn
            } else {
                Whose::Readers
            };
            let hosts = words.iter().map(|word| word.parse());
            let hosts = hosts.collect::<Result<Vec<Host>, _>>();
            let hosts = hosts.map_err(|error| wrong(line, &error.to_string()))?;
            Some((hosts, by, show))
        } else {
            None
        };
        Ok(Self {
            line,
            step,
            text: String::new(),
        })
    }
}

fn wrong(line: usize, what: &str) -> PageError {
    let what = what.to_owned();
    PageError { line, what }
}

/// Lines of shell with another major version of PostgreSQL, where the page has one: in paths, and behind
/// `pg_ctlcluster`.
pub(super) fn with_version(lines: &str, here: u32, there: u32) -> String {
    [("postgresql/", "/"), ("pg_ctlcluster ", " ")]
        .into_iter()
        .fold(lines.to_owned(), |lines, (before, after)| {
            let (from, to) = (
                format!("{before}{here}{after}"),
                format!("{before}{there}{after}"),
            );
            lines.replace(&from, &to)
        })
}

/// How many commands somebody types: lines that go on, the texts of here documents and comments are none.
pub(super) fn commands(lines: &str) -> usize {
    let mut count = 0;
    let mut goes_on = false;
    let mut here: Option<String> = None;
    for line in lines.lines() {
        if let Some(end) = &here {
            if line == end {
                here = None;
            }
            continue;
        }
        let command = line.trim();
        if !take(&mut goes_on) && !command.is_empty() && !command.starts_with('#') {
            count += 1;
        }
        goes_on = command.ends_with('\\');
        let mark = line.split_once("<<").map(|(_, mark)| mark);
        here = mark
            .and_then(|mark| mark.split(|c: char| !c.is_ascii_uppercase()).next())
            .filter(|mark| !mark.is_empty())
            .map(str::to_owned);
    }
    count
}

/// The packages that the page has `apt-get` fetch.
pub(super) fn packages(steps: &[Step]) -> Vec<String> {
    let readers = steps.iter().filter(|step| step.by == Whose::Readers);
    let whole = readers.map(|step| step.commands.replace("\\\n", " "));
    let packages = whole.flat_map(|commands| {
        let lines = commands.lines();
        let installs = lines.filter_map(|line| line.trim().strip_prefix("apt-get install "));
        let words = installs.flat_map(str::split_whitespace);
        let names = words.filter(|word| !word.starts_with(['-', '.', '/']));
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    packages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# A title
```sh on srv1 srv2
apt-get install --yes ./own.deb \\
    one two
```
Words.
```text
no step
```
```sh on srv3 yours
fence
```
```sh on srv1 shows
tell
```
```text
all
```
";

    #[test]
    fn a_page_is_its_steps() {
        let steps = steps(PAGE).unwrap();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[0].hosts, [Host::Srv1, Host::Srv2]);
        assert_eq!((steps[0].line, steps[0].by), (3, Whose::Readers));
        assert_eq!(packages(&steps), ["one", "two"]);
        assert_eq!(steps[1].by, Whose::ReadersOwn);
        assert_eq!(steps[2].commands, "tell\n");
        assert_eq!(steps[2].shows.as_deref(), Some("all\n"));
    }

    #[test]
    fn a_page_that_cannot_be_followed_is_refused_with_the_line() {
        for (page, line) in [
            ("\n```sh on srv1\n", 2),
            ("```sh on srv9\n```\n", 1),
            ("```sh on srv1 shows\nx\n```\nend\n", 3),
            ("```sh on srv1 shows\n```\n```sh on srv1\n```\n", 2),
        ] {
            assert_eq!(steps(page).map_err(|error| error.line), Err(line), "{page}");
        }
    }

    #[test]
    fn another_version_takes_the_place_of_the_pages() {
        let page =
            "pg_ctlcluster 17 main start\nrm -rf /var/lib/postgresql/17/main/* 10.20.30.17\n";
        let other =
            "pg_ctlcluster 15 main start\nrm -rf /var/lib/postgresql/15/main/* 10.20.30.17\n";
        assert_eq!(with_version(page, 17, 15), other);
        assert_eq!(with_version(page, 17, 17), page);
    }

    #[test]
    fn commands_are_what_somebody_types() {
        let lines =
            "# why\none \\\n    more\ncat >file <<END\ntext\nmore text\nEND\n\ntwo <<<word\n";
        assert_eq!(commands(lines), 3);
    }
}
