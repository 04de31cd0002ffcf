//! Checks that the manual pages describe every command, option, key and status, and that the documents mention none that
//! does not exist. New declarations are included automatically.

mod agent;
mod documents;

use clap::{Command, CommandFactory, Parser};

use super::super::Cli;
use super::super::exit::Exit;
use super::{program, settings};
use crate::config::{KEYS, KeyDefault};
use crate::health::{DownReason, LagReason};

fn tree() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// Every command below `command`, each with the words of its name.
fn commands(command: &Command, above: &[String]) -> Vec<(Vec<String>, Command)> {
    let below = command.get_subcommands();
    let shown = below.filter(|below| below.get_name() != "help" && !below.is_hide_set());
    let each = shown.flat_map(|below| {
        let words = [above, &[below.get_name().to_owned()]].concat();
        let deeper = commands(below, &words);
        [vec![(words, below.clone())], deeper].concat()
    });
    each.collect()
}

/// The options of a command, without those that every command has.
fn options(command: &Command) -> Vec<String> {
    let arguments = command.get_arguments();
    let shown = arguments.filter(|argument| !argument.is_hide_set());
    let names = shown.filter_map(|argument| argument.get_long());
    let own = names.filter(|name| !["help", "version"].contains(name));
    own.map(|name| format!("--{name}")).collect()
}

/// A page without the markup of fonts and characters; requests stay.
fn plain(page: &str) -> String {
    let mut plain = page.replace("\\-", "-").replace("\\*(Aq", "'");
    for font in ["\\fB", "\\fI", "\\fR"] {
        plain = plain.replace(font, "");
    }
    plain
}

fn page_of_the_program() -> String {
    plain(&program::page(Cli::command()).unwrap())
}

/// The text below a heading, up to the next heading of any kind.
fn below<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n{heading}\n")).expect(heading);
    rest.split("\n.S").next().unwrap()
}

/// The tags of the items below a heading.
fn tags(page: &str, heading: &str) -> Vec<String> {
    let items = below(page, heading).split(".TP\n").skip(1);
    items
        .map(|item| item.lines().next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_command_and_option_is_described() {
    let page = page_of_the_program();
    for (words, command) in commands(&tree(), &[]) {
        let name = words.join(" ");
        let heading = match words.as_slice() {
            [_] => format!(".SS {name}"),
            _ => format!(".SS \"{name}\""),
        };
        let section = below(&page, &heading);
        assert!(section.contains(&format!("pgsql-state {name}")), "{name}");
        for option in options(&command) {
            let item = format!(".TP\n{option}");
            assert!(section.contains(&item), "{name} {option}: {section}");
        }
        for argument in command.get_positionals() {
            let value = argument.get_value_names().unwrap().join(" ");
            assert!(section.contains(&value), "{name} {value}: {section}");
        }
    }
}

#[test]
fn every_reason_and_status_is_described() {
    let page = page_of_the_program();
    let down: Vec<&str> = DownReason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(tags(&page, ".SS \"Reasons of down\""), down);
    let lagging: Vec<&str> = LagReason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(tags(&page, ".SS \"Reasons of lagging\""), lagging);
    let statuses = Exit::MANUAL.map(|(status, _)| status.number().to_string());
    assert_eq!(tags(&page, ".SH \"EXIT STATUS\""), statuses);
}

#[test]
fn every_key_is_described_with_its_default() {
    let page = plain(&settings::page());
    for key in KEYS {
        let keys = tags(&page, &format!(".SS [{}]", key.table));
        let tag = match key.default {
            KeyDefault::Value(default) => format!("{} = {default}", key.name),
            KeyDefault::Described(default) => {
                format!("{} (default: {})", key.name, default.replace('`', ""))
            }
        };
        assert!(keys.contains(&tag), "{tag}: {keys:?}");
    }
}

#[test]
fn the_examples_are_valid_commands() {
    for (_, line) in program::EXAMPLES {
        let words = line.split(" | ").next().unwrap().split(' ');
        let parsed = Cli::try_parse_from(words);
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
}
