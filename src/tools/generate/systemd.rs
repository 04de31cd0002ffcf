//! Generates `systemd` units for the daemon of one host, with the drop-ins that its configuration needs; opens no
//! file and starts no program.
//!
//! - [`plan`]: the inputs of the units.
//! - [`sockets`]: the addresses and ports of checks.
//! - `shipped`: the files of the folder `systemd/`, from which all units are made.
//! - `edit`: changes settings in a unit.
//! - `units`, `drop_ins`: the files of a plan.

mod drop_ins;
mod edit;
pub mod plan;
mod shipped;
pub mod sockets;
mod units;

pub use plan::{
    PeerCheck, PlanError, QuorumFile, QuorumFileError, ServerSocket, SystemdPlan, Variant,
};
pub use sockets::{Sockets, SocketsError, Where};

use super::comment::comment;

/// The command that writes every file that the text names, and makes its folder.
const TAKE_APART: &str = "\
    awk '/^# \\/etc\\/[^ ]*$/ { file = $2; folder = file; sub(\"/[^/]*$\", \"\", folder); \
    system(\"mkdir -p \" folder); next } file { print > file }'";

const WHY_TAKE_APART: &str = "A line that is a path names a file, and the lines below it are its content. With this \
                              output in a file \"units\", this command writes all of them, as root:";

/// A file to be written.
struct File {
    /// Its absolute path.
    place: String,
    text: String,
}

/// All files, each below a line with its path, as `systemctl cat` prints them.
#[must_use]
pub fn text(plan: &SystemdPlan) -> String {
    let files = units::files(plan).into_iter().chain(drop_ins::files(plan));
    let files = files.map(|file| format!("\n# {}\n{}", file.place, file.text));
    [head(plan)].into_iter().chain(files).collect()
}

/// How to write the files, and what to do next.
fn head(plan: &SystemdPlan) -> String {
    let (variant, enabled) = (plan.variant.word(), units::enabled(plan).join(" "));
    let (apart, then) = (
        comment("", WHY_TAKE_APART),
        comment("", "Then, with the program in place:"),
    );
    let caveats = plan.caveats();
    let caveats: String = caveats.iter().map(|told| comment("", told)).collect();
    format!(
        "# pgsql-state generate systemd --variant {variant}\n\
         {apart}#   {TAKE_APART} units\n\
         {then}#   systemd-sysusers && systemctl daemon-reload\n\
         #   systemctl enable --now {enabled}\n\
         {caveats}"
    )
}

#[cfg(test)]
mod tests;
