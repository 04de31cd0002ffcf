//! The program `pgsql-state-traffic`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pgsql_state_traffic::main()
}
