//! The bridge that all cables end in. It exists only in the supervisor's network namespace.

use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::program::{output, within};

/// The bridge's name.
pub(crate) const BRIDGE: &str = "br0";

/// Longest that the kernel may take for it.
const LIMIT: Duration = Duration::from_secs(10);

/// Makes the bridge.
pub(super) fn make() -> Result<(), Error> {
    for arguments in [
        ["link", "set", "lo", "up"].as_slice(),
        // Without learning delays: a host that boots is reachable at once.
        &[
            "link",
            "add",
            BRIDGE,
            "type",
            "bridge",
            "forward_delay",
            "0",
            "stp_state",
            "0",
        ],
        &["link", "set", BRIDGE, "up"],
    ] {
        output(ip().args(arguments), "making the bridge")?;
    }
    Ok(())
}

/// Removes what is left of a host's cable; usually nothing.
pub(super) fn unplug(host: Host) {
    ip().args(["link", "delete", &host.cable()]).output().ok();
}

fn ip() -> Command {
    within(LIMIT, "ip")
}
