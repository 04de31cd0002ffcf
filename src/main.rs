//! The program `pgsql-state`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pgsql_state::cli::main()
}
