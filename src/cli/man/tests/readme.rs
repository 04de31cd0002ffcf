//! The README beside the declarations.

use std::collections::BTreeSet;

use clap::Command;

use super::super::super::exit::Exit;
use super::{commands, options, tree};

const README: &str = include_str!("../../../../README.md");

/// Options in its code that are of the programs that measure.
const OF_OTHERS: [&str; 2] = ["--seconds", "--threads"];

/// The code in it: spans, and the lines of its blocks.
fn code() -> Vec<String> {
    let joined = README.replace("\\\n", "");
    let mut code = Vec::new();
    for (index, part) in joined.split("\n```").enumerate() {
        if index % 2 == 1 {
            code.extend(part.lines().skip(1).map(str::to_owned));
        } else {
            let text = part.replace("\\|", "|");
            assert!(text.matches('`').count() % 2 == 0, "{text}");
            let spans = text.split('`').skip(1).step_by(2);
            // A block in a list looks like a span of several lines.
            code.extend(spans.flat_map(str::lines).map(str::to_owned));
        }
    }
    code
}

/// What it has the program do: the words behind the name, up to what is the shell's.
fn calls() -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for line in code() {
        let line = line.trim_start_matches(['$', '#', ' ']);
        let call = match line.split_once("pgsql-state ") {
            // The first may be the group with which it is run.
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

/// The names that a call begins with, alternatives one by one.
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

/// A command as its words name it; an error is the first word that names nothing.
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
fn every_command_and_option_is_told() {
    let calls = calls();
    let paths: Vec<_> = calls.iter().flat_map(|call| paths(call)).collect();
    let told: BTreeSet<_> = calls.iter().flat_map(|call| options_of(call)).collect();
    let mut missing = Vec::new();
    for (words, command) in commands(&tree(), &[]) {
        if !paths.iter().any(|path| path.starts_with(&words)) {
            missing.push(words.join(" "));
        }
        let untold = options(&command)
            .into_iter()
            .filter(|option| !told.contains(option));
        missing.extend(untold.map(|option| format!("{} {option}", words.join(" "))));
    }
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn no_command_or_option_is_told_that_there_is_not() {
    let tree = tree();
    let every: Vec<_> = commands(&tree, &[])
        .into_iter()
        .map(|(_, command)| command)
        .collect();
    let mut known: BTreeSet<String> = every.iter().flat_map(options).collect();
    known.extend(OF_OTHERS.map(str::to_owned));
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for call in calls() {
        for path in paths(&call) {
            if let Err(word) = find(&tree, &path) {
                wrong.push(format!("{word} of {}", call.join(" ")));
            }
        }
        let options = options_of(&call);
        wrong.extend(
            options
                .iter()
                .filter(|option| !known.contains(*option))
                .cloned(),
        );
        used.extend(options);
    }
    assert!(wrong.is_empty(), "README.md tells of {wrong:?}");
    let idle = OF_OTHERS.iter().filter(|option| !used.contains(**option));
    assert_eq!(idle.count(), 0, "README.md does not need these any more");
}

#[test]
fn every_exit_status_is_told_and_no_other() {
    let (_, rest) = README
        .split_once("| command | job | exit status |\n")
        .unwrap();
    let (programs, rest) = rest.split_once("\n## ").unwrap();
    let (_, rest) = rest.split_once("| form | exit status |\n").unwrap();
    let (plugins, _) = rest.split_once("\n## ").unwrap();
    let numbers = |text: &str| -> BTreeSet<u8> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let column = programs
        .lines()
        .filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let told = numbers(&column.collect::<Vec<_>>().join("\n"));
    let known: BTreeSet<u8> = Exit::MANUAL
        .iter()
        .map(|(status, _)| status.number())
        .collect();
    assert!(told.is_subset(&known), "README.md tells of {told:?}");
    let both: BTreeSet<u8> = told.union(&numbers(plugins)).copied().collect();
    assert!(known.is_subset(&both), "README.md tells only of {both:?}");
}
