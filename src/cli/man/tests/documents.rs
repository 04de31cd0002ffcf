//! Compares the documents with the declarations: `cli::reference` checks the generated parts, this module the commands in
//! the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Command;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::super::exit::Exit;
use super::super::super::reference;
use super::{commands, options, tree};

/// Options in the documents' code that belong to other programs, or to every command.
const OF_OTHERS: [&str; 6] = [
    "--seconds",
    "--threads",
    "--promoted",
    "--master",
    "--help",
    "--version",
];

/// The README and every page.
fn documents() -> Vec<(String, String)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let pages = reference::pages(&reference::documents());
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        (path.display().to_string(), text)
    };
    [readme]
        .iter()
        .chain(&pages)
        .map(|path| read(path))
        .collect()
}

/// The code in a page: spans, and the lines of its blocks.
fn code(page: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
            Event::End(TagEnd::CodeBlock) => {
                let whole = block.take().unwrap_or_default().replace("\\\n", "");
                // A line that begins with an option continues the line before it.
                let lines = whole.lines().filter(|line| !line.starts_with("--"));
                code.extend(lines.map(str::to_owned));
            }
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::Code(span) => code.push(span.into_string()),
            Event::Start(_)
            | Event::End(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }
    code
}

/// The calls of the program in a page: the words after its name, up to the next part for the shell.
fn calls(page: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for line in code(page) {
        let line = line.trim_start_matches(['$', '#', ' ']);
        let call = match line.split_once("pgsql-state ") {
            // The first occurrence may be the group with which it is run.
            Some((_, call)) => call
                .trim_start_matches("-- ")
                .trim_start_matches("pgsql-state "),
            None if line.starts_with("--") => line,
            None => continue,
        };
        let ends = [" | ", " >", " #"];
        let end = ends.iter().filter_map(|end| call.find(end)).min();
        let (call, _) = call.split_at(end.unwrap_or(call.len()));
        calls.push(call.split_whitespace().map(str::to_owned).collect());
    }
    calls
}

/// The names of commands at the beginning of a call, with each alternative.
fn paths(call: &[String]) -> Vec<Vec<String>> {
    let is_name = |word: &&String| word.starts_with(|c: char| c.is_ascii_lowercase());
    let mut paths = vec![Vec::new()];
    for word in call.iter().take_while(is_name) {
        let longer = |path: Vec<String>| {
            let each = word.split('|').map(str::to_owned);
            each.map(move |word| [path.clone(), vec![word]].concat())
                .collect::<Vec<_>>()
        };
        paths = paths.into_iter().flat_map(longer).collect();
    }
    paths
}

/// The options of a call.
fn options_of(call: &[String]) -> Vec<String> {
    let words = call.iter().flat_map(|word| word.split('|'));
    let options = words.filter_map(|word| word.trim_start_matches('[').strip_prefix("--"));
    let names = options.map(|option| {
        let is_letter = |c: &char| c.is_ascii_lowercase() || *c == '-';
        option.chars().take_while(is_letter).collect::<String>()
    });
    names.map(|name| format!("--{name}")).collect()
}

/// The command with this name; the error is the first word that is unknown.
fn find<'a>(command: &'a Command, words: &[String]) -> Result<&'a Command, String> {
    let [first, rest @ ..] = words else {
        return Ok(command);
    };
    if let Some(below) = command.find_subcommand(first) {
        return find(below, rest);
    }
    let argument = command.get_positionals().next().ok_or(first)?;
    let values = argument.get_possible_values();
    let is_one = values.is_empty() || values.iter().any(|value| value.matches(first, false));
    is_one.then_some(command).ok_or(first.clone())
}

#[test]
fn every_command_and_option_in_the_documents_exists() {
    let tree = tree();
    let every: Vec<_> = commands(&tree, &[])
        .into_iter()
        .map(|(_, command)| command)
        .collect();
    let mut known: BTreeSet<String> = every.iter().flat_map(options).collect();
    known.extend(OF_OTHERS.map(str::to_owned));
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (name, page) in documents() {
        for call in calls(&page) {
            for path in paths(&call) {
                if let Err(word) = find(&tree, &path) {
                    wrong.push(format!("{name}: {word} of {}", call.join(" ")));
                }
            }
            let options = options_of(&call);
            let unknown = options.iter().filter(|option| !known.contains(*option));
            wrong.extend(unknown.map(|option| format!("{name}: {option}")));
            used.extend(options);
        }
    }
    assert!(wrong.is_empty(), "unknown: {wrong:?}");
    let idle = OF_OTHERS.iter().filter(|option| !used.contains(**option));
    assert_eq!(
        idle.count(),
        0,
        "an entry of OF_OTHERS is not needed any more"
    );
}

#[test]
fn every_exit_status_in_the_documents_exists() {
    let read = |name: &str| fs::read_to_string(reference::documents().join(name)).unwrap();
    let table = |page: &str, heading: &str| {
        let (_, rest) = page.split_once(heading).unwrap();
        rest.split("\n\n").next().unwrap_or_default().to_owned()
    };
    let programs = table(
        &read("reference/commands.md"),
        "| command | job | exit status |\n",
    );
    let plugins = table(&read("reference/plugins.md"), "| form | exit status |\n");
    let numbers = |text: &str| -> BTreeSet<u8> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let column = programs
        .lines()
        .filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let listed = numbers(&column.collect::<Vec<_>>().join("\n"));
    let known: BTreeSet<u8> = Exit::MANUAL
        .iter()
        .map(|(status, _)| status.number())
        .collect();
    let listed: BTreeSet<u8> = listed.union(&numbers(&plugins)).copied().collect();
    assert!(listed.contains(&0) && listed.contains(&3), "{listed:?}");
    assert!(listed.is_subset(&known), "the pages contain {listed:?}");
}
