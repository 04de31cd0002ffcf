//! A disk without room: a crashed primary cannot come back, and the cluster has to be able to move on.

use std::process::Command;
use std::time::Duration;

use support::kept::copy_all;
use support::running::run;

use crate::call::End;
use crate::judge::{Judged, Paf, case, ensure};
use crate::world::World;
use crate::world::state::State;

/// Calls an agent that sees a copy of a data directory on a disk of its own, which is full. That disk is in a
/// name space of its own and ends with whatever runs there.
const ON_A_FULL_DISK: &str = r#"
set -e
size=$(($(du --summarize --block-size=1K "$2" | cut --fields=1) + 200))
mount -t tmpfs -o "size=${size}k" none "$1"
cp --archive "$2/." "$1"
cat /dev/zero >"$1/filler" 2>/dev/null || :
shift 2
exec "$@"
"#;

#[test]
fn a_crashed_primary_on_a_full_disk_fails_to_start_and_stops() -> Judged {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "true"]);
    if run(unshare).is_err() {
        // Only root may mount a disk.
        return Ok(());
    }
    case(Paf::Wrong(22), |program| {
        let world = World::stopped(program)?;
        world.put(State::CrashedPrimary)?.release();
        let data = world.server("srv1").data();
        let copy = world.scratch().path().join("copy");
        copy_all(&data, &copy, world.scratch())?;
        let (data, copy) = (data.display().to_string(), copy.display().to_string());
        let through = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            ON_A_FULL_DISK,
            "sh",
            &data,
            &copy,
        ];
        for (action, status) in [("monitor", 9), ("start", 1), ("demote", 1), ("stop", 0)] {
            let ask = world.ask("srv1", action).through(&through);
            // The disk is made first, which takes some of the time.
            let ask = ask.timeout(Duration::from_secs(30)).meta("timeout", "8000");
            let ended = ask.call()?;
            ensure(ended.end == End::Status(status), || {
                format!("{action}: {ended}")
            })?;
            ensure(status != 1 || !ended.exit_reason().is_empty(), || {
                format!("{action} gives no reason")
            })?;
        }
        Ok(())
    })
}
