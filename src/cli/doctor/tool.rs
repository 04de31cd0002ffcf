//! A tool of the host, run once for what it prints.

use thiserror::Error;

use super::PATIENCE;
use crate::cluster::program::{self, Failed, RunError};

/// Why a program printed nothing of use.
#[derive(Debug, Error)]
pub(super) enum Silence {
    #[error("there is no {0}")]
    Absent(String),
    #[error(transparent)]
    Failed(Failed),
    #[error(transparent)]
    Error(RunError),
}

/// What it prints where it ends well.
pub(super) async fn printed(program: &str, arguments: &[&str]) -> Result<String, Silence> {
    match program::run(program, arguments, PATIENCE).await {
        Ok(ran) => ran.well().map_err(Silence::Failed),
        Err(error) if error.is_absence() => Err(Silence::Absent(program.to_owned())),
        Err(error) => Err(Silence::Error(error)),
    }
}
