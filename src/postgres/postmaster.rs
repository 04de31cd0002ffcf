//! What the postmaster at the other end of a Unix socket wrote of itself into `postmaster.pid`: the
//! one source, in no human language, that tells the reasons behind SQLSTATE 57P03 apart. Knows
//! nothing of connections beyond their peer's process number.

use std::fs;

use crate::role::PostmasterStatus;

/// Line of the status in `postmaster.pid` (`LOCK_FILE_LINE_PM_STATUS`, `src/include/utils/pidfile.h`).
const STATUS_LINE: usize = 8;

/// Reads the status of the postmaster with this process number, through its working directory, which
/// is the data directory. None where the process or its files may not be read, as for a user other
/// than the server's: then other evidence must do.
pub fn status(pid: i32) -> Option<PostmasterStatus> {
    let text = fs::read_to_string(format!("/proc/{pid}/cwd/postmaster.pid")).ok()?;
    parse(&text, pid)
}

/// Reads the file's text; none unless it is the file of this very process.
fn parse(text: &str, pid: i32) -> Option<PostmasterStatus> {
    let mut lines = text.lines();
    if lines.next()?.trim().parse() != Ok(pid) {
        return None;
    }
    match lines.nth(STATUS_LINE - 2)?.trim_end() {
        "starting" => Some(PostmasterStatus::Starting),
        "stopping" => Some(PostmasterStatus::Stopping),
        "ready" => Some(PostmasterStatus::Ready),
        "standby" => Some(PostmasterStatus::Standby),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(pid: i32, status: &str) -> String {
        format!("{pid}\n/var/lib/data\n1763774400\n5434\n/run/postgresql\n\n  541 3\n{status}\n")
    }

    #[test]
    fn the_status_is_the_eighth_line() {
        assert_eq!(
            parse(&file(7, "stopping"), 7),
            Some(PostmasterStatus::Stopping)
        );
        assert_eq!(
            parse(&file(7, "ready   "), 7),
            Some(PostmasterStatus::Ready)
        );
        assert_eq!(
            parse(&file(7, "standby "), 7),
            Some(PostmasterStatus::Standby)
        );
        assert_eq!(
            parse(&file(7, "starting"), 7),
            Some(PostmasterStatus::Starting)
        );
    }

    #[test]
    fn another_servers_file_or_a_short_one_tells_nothing() {
        assert_eq!(parse(&file(8, "stopping"), 7), None);
        assert_eq!(parse("7\n/var/lib/data\n", 7), None);
        assert_eq!(parse(&file(7, "dancing"), 7), None);
        assert_eq!(parse("", 7), None);
    }
}
