//! `pgsql-state completions` and `man`: what packagers install beside the program, from the same
//! declarations as its help.

use std::io::{self, Write};

use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;
use super::exit::{Exit, print};

pub(super) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pgsql-state", &mut script);
    finish(Ok(script))
}

pub(super) fn man() -> Exit {
    let mut command = Cli::command();
    command.build();
    finish(page(&command))
}

/// One page with a section for each subcommand. The list that `Man::render` makes instead refers to
/// pages of their own, which nobody installs.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    sections(command, "", &mut page)?;
    Ok(page)
}

/// The sections of a command's subcommands, and of theirs in turn. `above` is what its name begins with.
fn sections(command: &Command, above: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let subcommands = command.get_subcommands();
    for subcommand in subcommands.filter(|subcommand| subcommand.get_name() != "help") {
        let name = format!("{above}{}", subcommand.get_name());
        let heading = name.to_uppercase();
        writeln!(page, ".SH {}", heading.replace('-', "\\-"))?;
        page.write_all(subsections(subcommand)?.as_bytes())?;
        sections(subcommand, &format!("{name} "), page)?;
    }
    Ok(())
}

/// A subcommand's sections, one level lower; the options that every command has are left out.
fn subsections(subcommand: &Command) -> io::Result<String> {
    let common = |arg: Arg| arg.hide(true);
    let own = subcommand.clone();
    let part = Man::new(own.mut_arg("help", common).mut_arg("version", common));
    let mut sections = Vec::new();
    part.render_synopsis_section(&mut sections)?;
    part.render_description_section(&mut sections)?;
    part.render_options_section(&mut sections)?;
    Ok(String::from_utf8_lossy(&sections).replace(".SH ", ".SS "))
}

fn finish(text: io::Result<Vec<u8>>) -> Exit {
    match text {
        Ok(text) => match print(&String::from_utf8_lossy(&text)) {
            Ok(()) => Exit::Success,
            Err(exit) => exit,
        },
        Err(error) => Exit::Failure.because(&error),
    }
}
