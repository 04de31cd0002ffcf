//! `pgsql-state completions` and `man`: what packagers install beside the program, from the same
//! declarations as its help.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::exit::{Exit, print};

pub(super) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pgsql-state", &mut script);
    finish(Ok(script))
}

pub(super) fn man() -> Exit {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    finish(rendered.map(|()| page))
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
