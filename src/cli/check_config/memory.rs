//! Compares the memory that the installed unit gives with what connections may take; reads no configuration.

use std::path::Path;

use crate::cli::unit;
use crate::config::{ConnectionCost, Encryption};
use crate::daemon::Configured;

/// Whether the unit on this host gives the memory for which the shipped unit is warned of; false if there is no unit.
pub(super) fn is_given(root: &Path, settings: &Configured) -> bool {
    let listen = settings.listen.with_peers(&settings.cluster);
    let http = Encryption::of(settings.https.as_ref());
    let ConnectionCost { megabytes, .. } =
        ConnectionCost::of(settings.admission.max_connections, &listen, http);
    let given = unit::setting(root, unit::DAEMON, "MemoryMax");
    given.is_some_and(|given| is_enough(&given, megabytes))
}

/// Whether a value of `MemoryMax=` is at least so many MB (systemd.resource-control(5)).
fn is_enough(given: &str, megabytes: usize) -> bool {
    if given == "infinity" {
        return true;
    }
    let end = given.find(|c: char| !c.is_ascii_digit());
    let (number, suffix) = given.split_at(end.unwrap_or(given.len()));
    let shift = match suffix {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return false,
    };
    let needed = u128::try_from(megabytes).unwrap_or(u128::MAX) << 20;
    number
        .parse::<u64>()
        .is_ok_and(|number| u128::from(number) << shift >= needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_systemd_writes_them() {
        for enough in ["1101M", "2G", "1T", "infinity", "1154482176", "1127424K"] {
            assert!(is_enough(enough, 1101), "{enough}");
        }
        for less in ["96M", "1100M", "1G", "1154482175", "50%", "", "M"] {
            assert!(!is_enough(less, 1101), "{less}");
        }
    }
}
