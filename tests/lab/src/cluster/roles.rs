//! What `crm_resource --locate` says of the instances' roles; pure.

use std::collections::BTreeMap;
use std::fmt;

use crate::host::Host;

/// What Pacemaker has an instance be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Promoted.
    Primary,
    /// Started.
    Standby,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
        })
    }
}

/// Reads lines such as `resource pgsqld-clone is running on: srv1 Promoted`. Pacemaker 2.1 says
/// `Promoted`, or `Master` where it was built to.
pub(super) fn parse(text: &str) -> BTreeMap<Host, Role> {
    text.lines()
        .filter_map(|line| {
            let (_, place) = line.split_once("is running on: ")?;
            let mut words = place.split_whitespace();
            let host = words.next()?.parse().ok()?;
            let role = match words.next() {
                Some("Promoted" | "Master") => Role::Primary,
                _ => Role::Standby,
            };
            Some((host, role))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promoted_instance_is_the_primary() {
        let text = "resource pgsqld-clone is running on: srv3 \n\
                    resource pgsqld-clone is running on: srv1 Promoted\n\
                    resource pgsqld-clone is NOT running\n";
        let roles = parse(text);
        assert_eq!(roles.get(&Host::Srv1), Some(&Role::Primary));
        assert_eq!(roles.get(&Host::Srv3), Some(&Role::Standby));
        assert_eq!(roles.get(&Host::Srv2), None);
    }
}
