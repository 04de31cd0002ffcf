//! The suites of Debian that this project is tried on, and which versions they have: `tests/suites` as values. Knows
//! nothing of what is done with them.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use crate::trouble::Trouble;

/// The one place where versions are written.
const TABLE: &str = include_str!("../../suites");

/// A suite, and the major versions that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its name, as in `/etc/apt/sources.list.d`.
    pub name: String,
    /// The number of the Debian that it is or will be.
    pub debian: u32,
    /// Where it stands among Debian's releases.
    pub stands: Stands,
    /// PostgreSQL's major version.
    pub postgresql: u32,
    /// HAProxy's branch.
    pub haproxy: String,
    /// Pacemaker's branch.
    pub pacemaker: String,
    /// systemd's version.
    pub systemd: u32,
}

/// Debian's own words for its suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The release before the last one.
    Oldstable,
    /// The last release.
    Stable,
    /// The next one.
    Testing,
}

impl Stands {
    /// Debian's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oldstable => "oldstable",
            Self::Stable => "stable",
            Self::Testing => "testing",
        }
    }
}

/// All of them, the oldest first.
pub fn suites() -> Result<Vec<Suite>, Trouble> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.map(row).collect()
}

impl FromStr for Suite {
    type Err = Trouble;

    /// By its name, or by where it stands.
    fn from_str(name: &str) -> Result<Self, Trouble> {
        let suites = suites()?;
        let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        let unknown = format!("{name:?} is not among {}", names.join(", "));
        let is_it = |suite: &Self| suite.name == name || suite.stands.name() == name;
        let found = suites.into_iter().find(is_it);
        found.ok_or(Trouble::Unfit(unknown))
    }
}

impl Display for Suite {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

fn row(line: &str) -> Result<Suite, Trouble> {
    let wrong = || Trouble::Unfit(format!("a line of tests/suites is {line:?}"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let [
        name,
        debian,
        stands,
        postgresql,
        haproxy,
        pacemaker,
        systemd,
    ] = words[..]
    else {
        return Err(wrong());
    };
    let number = |word: &str| word.parse().map_err(|_| wrong());
    let all = [Stands::Oldstable, Stands::Stable, Stands::Testing];
    let stands = all.into_iter().find(|one| one.name() == stands);
    Ok(Suite {
        name: name.into(),
        debian: number(debian)?,
        stands: stands.ok_or_else(wrong)?,
        postgresql: number(postgresql)?,
        haproxy: haproxy.into(),
        pacemaker: pacemaker.into(),
        systemd: number(systemd)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_oldest_first_and_one_of_each_kind() {
        let suites = suites().unwrap();
        assert!(suites.is_sorted_by_key(|suite| suite.debian));
        for stands in [Stands::Oldstable, Stands::Stable, Stands::Testing] {
            let such = suites.iter().filter(|one| one.stands == stands);
            assert_eq!(such.count(), 1, "{stands:?}");
        }
    }

    #[test]
    fn a_suite_is_found_by_its_name_and_another_name_is_refused_with_those_that_are_known() {
        for suite in suites().unwrap() {
            assert_eq!(suite.to_string().parse::<Suite>().unwrap(), suite);
            assert_eq!(suite.stands.name().parse::<Suite>().unwrap(), suite);
        }
        let refused = "buzz".parse::<Suite>().unwrap_err().to_string();
        assert!(refused.contains("\"buzz\""), "{refused}");
        for suite in suites().unwrap() {
            assert!(refused.contains(&suite.name), "{refused}");
        }
    }
}
