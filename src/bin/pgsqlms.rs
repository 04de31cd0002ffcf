//! The program `pgsqlms`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pgsql_state::agent::pgsqlms::main()
}
