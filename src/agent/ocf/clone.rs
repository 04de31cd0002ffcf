//! What a resource of this agent has to be for it to be of use: a promotable clone that is notified, under a
//! Pacemaker that is new enough. Knows no environment: whoever does hands a map in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::code::Code;

/// The version of what Pacemaker understands; it tells every agent (`CRM_FEATURE_SET`).
const FEATURE_SET: &str = "OCF_RESKEY_crm_feature_set";
const NOTIFY: &str = "OCF_RESKEY_CRM_meta_notify";
/// By its name since Pacemaker 2.0, and by the one before, which later ones tell too.
const PROMOTED_MAX: [&str; 2] = [
    "OCF_RESKEY_CRM_meta_promoted_max",
    "OCF_RESKEY_CRM_meta_master_max",
];

const CLONE_MAX: &str = "OCF_RESKEY_CRM_meta_clone_max";

/// The role of the operation whose turn it is; an operation without one has none.
const ROLE: &str = "OCF_RESKEY_CRM_meta_role";

/// Pacemaker 2.0.0's.
const OLDEST: FeatureSet = FeatureSet([3, 1, 0]);

/// What is wrong with the resource, or with the Pacemaker that runs it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CloneError {
    /// Pacemaker is too old, or none.
    #[error(
        "{FEATURE_SET} is {}; at least \"{OLDEST}\" was expected, as of Pacemaker 2.0.0",
        spelt(.0.as_ref())
    )]
    FeatureSet(Option<String>),
    /// Instances are not told of changes, without which nobody is elected.
    #[error(
        "the meta-attribute notify of the clone is {}; \"true\" was expected",
        spelt(.0.as_ref())
    )]
    Notify(Option<String>),
    /// There may be several primaries, or none.
    #[error(
        "the meta-attribute promoted-max of the clone is {}; \"1\" was expected, of a promotable clone",
        spelt(.0.as_ref())
    )]
    PromotedMax(Option<String>),
}

impl CloneError {
    /// What an action ends with that is refused for it, the same as PAF's.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Installed
    }
}

/// Three numbers, the first of which weighs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FeatureSet([u32; 3]);

impl FromStr for FeatureSet {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.').map(str::parse);
        match [(); 4].map(|()| numbers.next()) {
            [Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None] => {
                Ok(Self([major, minor, patch]))
            }
            _ => Err(()),
        }
    }
}

impl fmt::Display for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// What it means that a variable is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The resource is not what it has to be: Pacemaker tells a clone all of them.
    Wrong,
    /// Nothing: tools that look at parameters alone (`crm_resource --validate`) tell none.
    Unknown,
}

/// Judges the variables of an environment, of which others are passed over.
pub fn examine(environment: &BTreeMap<String, String>, untold: Untold) -> Result<(), CloneError> {
    let told = |name: &str| environment.get(name).cloned();
    let is_wrong = |value: &Option<String>, is_right: &dyn Fn(&str) -> bool| match value {
        Some(value) => !is_right(value),
        None => untold == Untold::Wrong,
    };
    let feature_set = told(FEATURE_SET);
    let is_new_enough = |text: &str| {
        text.parse()
            .is_ok_and(|number: FeatureSet| number >= OLDEST)
    };
    if is_wrong(&feature_set, &is_new_enough) {
        return Err(CloneError::FeatureSet(feature_set));
    }
    let notify = told(NOTIFY);
    if is_wrong(&notify, &is_true) {
        return Err(CloneError::Notify(notify));
    }
    let promoted_max = PROMOTED_MAX.into_iter().find_map(told);
    if is_wrong(&promoted_max, &|number| number == "1") {
        return Err(CloneError::PromotedMax(promoted_max));
    }
    Ok(())
}

/// How many instances a clone may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One, which has nobody to ask.
    One,
    /// More, or nobody says.
    Several,
}

impl Size {
    /// That of the clone whose variables these are.
    #[must_use]
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        match environment.get(CLONE_MAX).map(String::as_str) {
            Some("1") => Self::One,
            Some(_) | None => Self::Several,
        }
    }
}

/// What the cluster takes an instance for, by the monitor that it has chosen for it: one with a role of its own
/// is only called where an instance has that role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenFor {
    /// A primary.
    Promoted,
    /// A standby.
    Unpromoted,
    /// Nobody says.
    Unknown,
}

impl TakenFor {
    /// What these variables tell, by the words of Pacemaker 2.1 or by those before.
    #[must_use]
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        match environment.get(ROLE).map(String::as_str) {
            Some("Promoted" | "Master") => Self::Promoted,
            Some("Unpromoted" | "Slave") => Self::Unpromoted,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// As Pacemaker reads a boolean (`crm_str_to_boolean`).
fn is_true(value: &str) -> bool {
    ["true", "on", "yes", "y", "1"].contains(&value.to_ascii_lowercase().as_str())
}

/// A value, for people.
fn spelt(value: Option<&String>) -> String {
    value.map_or("not set".into(), |value| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(set: &[(&str, &str)]) -> Result<(), CloneError> {
        let good = [
            (FEATURE_SET, "3.16.1"),
            (NOTIFY, "true"),
            (PROMOTED_MAX[0], "1"),
        ];
        let mut environment: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in good.iter().chain(set) {
            if value.is_empty() {
                environment.remove(*name);
            } else {
                environment.insert((*name).into(), (*value).into());
            }
        }
        let judged = examine(&environment, Untold::Wrong);
        // What is there is judged alike by both.
        let is_told = |name: &str| environment.contains_key(name);
        if is_told(FEATURE_SET) && is_told(NOTIFY) && PROMOTED_MAX.into_iter().any(is_told) {
            assert_eq!(examine(&environment, Untold::Unknown), judged);
        }
        judged
    }

    #[test]
    fn what_nobody_tells_is_wrong_only_where_everything_would_be_told() {
        let nothing = BTreeMap::new();
        assert_eq!(examine(&nothing, Untold::Unknown), Ok(()));
        assert!(examine(&nothing, Untold::Wrong).is_err());
        let notify = [(NOTIFY.to_owned(), "false".to_owned())].into();
        let wrong = CloneError::Notify(Some("false".into()));
        assert_eq!(examine(&notify, Untold::Unknown), Err(wrong));
    }

    #[test]
    fn pacemaker_2_0_to_3_0_will_do() {
        for version in ["3.1.0", "3.10.0", "3.16.1", "3.20.5", "4.0.0"] {
            assert_eq!(examined(&[(FEATURE_SET, version)]), Ok(()));
        }
        for version in ["3.0.14", "2.9.9", "3.1", "3.1.0.0", "3.x.0", ""] {
            let found = Some(version.to_owned()).filter(|version| !version.is_empty());
            let wrong = examined(&[(FEATURE_SET, version)]);
            assert_eq!(wrong, Err(CloneError::FeatureSet(found)));
        }
    }

    #[test]
    fn instances_have_to_be_notified() {
        for yes in ["true", "TRUE", "on", "yes", "y", "1"] {
            assert_eq!(examined(&[(NOTIFY, yes)]), Ok(()));
        }
        for no in ["false", "0", "true ", "t"] {
            let wrong = examined(&[(NOTIFY, no)]);
            assert_eq!(wrong, Err(CloneError::Notify(Some(no.into()))));
        }
    }

    #[test]
    fn one_primary_by_either_name() {
        let [new, old] = PROMOTED_MAX;
        assert_eq!(examined(&[(new, ""), (old, "1")]), Ok(()));
        assert_eq!(examined(&[(new, "1"), (old, "2")]), Ok(()));
        for wrong in [
            &[(new, "2")][..],
            &[(new, "0"), (old, "1")],
            &[(new, ""), (old, "")],
            &[(new, "01")],
        ] {
            let error = examined(wrong).unwrap_err();
            assert!(matches!(error, CloneError::PromotedMax(_)));
            assert_eq!(error.code(), Code::Installed);
        }
    }

    #[test]
    fn only_a_clone_that_says_so_has_one_instance() {
        for (value, size) in [("1", Size::One), ("3", Size::Several), ("", Size::Several)] {
            let environment = [(CLONE_MAX.to_owned(), value.to_owned())];
            assert_eq!(Size::of(&environment.into()), size);
        }
        assert_eq!(Size::of(&BTreeMap::new()), Size::Several);
    }

    #[test]
    fn the_role_of_the_operation_tells_what_an_instance_is_taken_for() {
        for (role, taken_for) in [
            ("Promoted", TakenFor::Promoted),
            ("Master", TakenFor::Promoted),
            ("Unpromoted", TakenFor::Unpromoted),
            ("Slave", TakenFor::Unpromoted),
            ("Started", TakenFor::Unknown),
        ] {
            let environment = [(ROLE.to_owned(), role.to_owned())];
            assert_eq!(TakenFor::of(&environment.into()), taken_for);
        }
        assert_eq!(TakenFor::of(&BTreeMap::new()), TakenFor::Unknown);
    }

    #[test]
    fn what_was_found_is_told() {
        let said = |set: &[(&str, &str)]| examined(set).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                said(&[(FEATURE_SET, "3.0.14")]),
                said(&[(FEATURE_SET, "")]),
                said(&[(NOTIFY, "")]),
                said(&[(NOTIFY, "no\n")]),
                said(&[(PROMOTED_MAX[0], "2")]),
            ]
            .join("\n"),
            @r#"
        OCF_RESKEY_crm_feature_set is "3.0.14"; at least "3.1.0" was expected, as of Pacemaker 2.0.0
        OCF_RESKEY_crm_feature_set is not set; at least "3.1.0" was expected, as of Pacemaker 2.0.0
        the meta-attribute notify of the clone is not set; "true" was expected
        the meta-attribute notify of the clone is "no\n"; "true" was expected
        the meta-attribute promoted-max of the clone is "2"; "1" was expected, of a promotable clone
        "#
        );
    }
}
