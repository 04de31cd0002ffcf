//! `pgsql-state check-config`: every problem of a configuration, with its line.

use std::path::Path;

use super::exit::{Exit, print};
use super::surroundings;

pub(super) fn run(file: Option<&Path>) -> Exit {
    match surroundings::load(file) {
        Ok(settings) => match print(&format!("good; asks {}\n", settings.postgres.target)) {
            Ok(()) => Exit::Success,
            Err(exit) => exit,
        },
        Err(exit) => exit,
    }
}
