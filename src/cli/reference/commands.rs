//! Describes every command with its arguments, from the declarations with which they are parsed.

use std::fmt::Write;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use super::tables::table;
use crate::cli::Cli;

pub(super) fn all() -> String {
    let mut whole = Cli::command();
    whole.build();
    parts(&whole, "pgsql-state").join("\n")
}

/// A part for each command without subcommands, at any depth.
fn parts(command: &Command, name: &str) -> Vec<String> {
    let below = command.get_subcommands();
    let shown = below.filter(|below| below.get_name() != "help" && !below.is_hide_set());
    let each = shown.flat_map(|below| {
        let name = format!("{name} {}", below.get_name());
        let own = if below.has_subcommands() {
            Vec::new()
        } else {
            vec![part(below, &name)]
        };
        [own, parts(below, &name)].concat()
    });
    each.collect()
}

fn part(command: &Command, name: &str) -> String {
    let about = command.get_long_about().or(command.get_about());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let rows = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && !is_common(argument))
        .map(|argument| [called(argument), explained(argument)]);
    let rows: Vec<_> = rows.collect();
    let arguments = if rows.is_empty() {
        String::new()
    } else {
        format!("\n{}", table(["argument", "what it is"], rows))
    };
    format!(
        "### {name}\n\n{}\n\n```text\n{usage}\n```\n{arguments}",
        sentences(about)
    )
}

/// Whether every command has this argument.
fn is_common(argument: &Arg) -> bool {
    ["help", "version"].contains(&argument.get_id().as_str())
}

/// The argument as it is written on a command line.
fn called(argument: &Arg) -> String {
    let takes = argument.get_action().takes_values();
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.join(" ");
    match argument.get_long() {
        Some(long) if takes => format!("`--{long} {value}`"),
        Some(long) => format!("`--{long}`"),
        None => format!("`{value}`"),
    }
}

/// The help of an argument, with its values, its default and its variable.
fn explained(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help());
    let mut explained = text(help);
    let values = argument.get_possible_values().into_iter();
    let values: Vec<String> = values
        .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}`: {}", value.get_name(), text(Some(help))),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        write!(explained, " ({})", values.join("; ")).ok();
    }
    let defaults = argument.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        write!(explained, ". Default: `{}`", defaults.join(",")).ok();
    }
    if let Some(variable) = argument.get_env() {
        write!(explained, ". Variable: `{}`", variable.to_string_lossy()).ok();
    }
    explained
}

/// The text, with a full stop after each paragraph.
fn sentences(styled: Option<&StyledStr>) -> String {
    let text = text(styled);
    format!("{}.", text.trim_end_matches('.'))
}

/// The text in one line; `<` is escaped, because Markdown would take it for HTML.
fn text(styled: Option<&StyledStr>) -> String {
    let text = styled.map(ToString::to_string).unwrap_or_default();
    let text = text.replace("\n\n", ". ");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('<', "&lt;")
}
