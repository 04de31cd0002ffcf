//! The user that the daemon runs as, and what a file's mode lets it do; opens no file that a configuration names.

use crate::cli::exit::Exit;
use crate::cli::unit;

/// The user of the units, unless a drop-in names another one. Its group is the one of the configuration.
const USUAL: &str = "pgsql-state";

/// The user that the daemon runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DaemonUser {
    pub(super) name: String,
    pub(super) uid: u32,
    /// Its groups, with that of the configuration, of which the units make it a member.
    pub(super) groups: Vec<u32>,
}

impl DaemonUser {
    /// The named user or, if root asks, that of the daemon's unit. `None` if another user asks, who sees what the
    /// daemon would see only as that user, or if this host has no such user.
    pub(super) fn choose(named: Option<&str>) -> Result<Option<(Self, std::path::PathBuf)>, Exit> {
        if let Some(name) = named {
            let found = Self::named(name);
            let unknown =
                || Exit::Usage.saying(&format!("pgsql-state: --user: there is no user \"{name}\""));
            return found.map(Some).ok_or_else(unknown);
        }
        if uzers::get_effective_uid() != 0 {
            return Ok(None);
        }
        let name = unit::setting(unit::ROOT.as_ref(), unit::DAEMON, "User");
        Ok(Self::named(name.as_deref().unwrap_or(USUAL)))
    }

    fn named(name: &str) -> Option<(Self, std::path::PathBuf)> {
        use uzers::os::unix::UserExt;
        let user = uzers::get_user_by_name(name)?;
        let own = uzers::get_user_groups(name, user.primary_group_id()).unwrap_or_default();
        let shared = uzers::get_group_by_name(USUAL);
        let groups = own.iter().chain(&shared).map(uzers::Group::gid);
        let user_of = Self {
            name: name.to_owned(),
            uid: user.uid(),
            groups: groups.chain([user.primary_group_id()]).collect(),
        };
        Some((user_of, user.home_dir().to_owned()))
    }

    /// The three bits of a mode that hold for this user, with the file's owner and group (`path_resolution(7)`).
    pub(super) fn bits_of(&self, (owner, group): (u32, u32), mode: u32) -> u32 {
        let shift = if self.uid == 0 {
            return 0o7;
        } else if self.uid == owner {
            6
        } else if self.groups.contains(&group) {
            3
        } else {
            0
        };
        (mode >> shift) & 0o7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_bits_hold_for_the_owner_and_the_groups_for_its_members() {
        let user = DaemonUser {
            name: "pgsql-state".into(),
            uid: 990,
            groups: vec![980, 970],
        };
        assert_eq!(user.bits_of((990, 0), 0o640), 0o6);
        assert_eq!(user.bits_of((990, 980), 0o040), 0o0);
        assert_eq!(user.bits_of((0, 970), 0o640), 0o4);
        assert_eq!(user.bits_of((0, 0), 0o640), 0o0);
        assert_eq!(user.bits_of((0, 0), 0o751), 0o1);
        let root = DaemonUser { uid: 0, ..user };
        assert_eq!(root.bits_of((990, 0), 0o000), 0o7);
    }
}
