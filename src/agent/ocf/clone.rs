//! How a resource of this agent has to be configured: as a promotable clone with notifications, under a
//! Pacemaker that is new enough. Reads no environment: callers pass the variables as a map.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::code::Code;

/// The version of the features that Pacemaker has (`CRM_FEATURE_SET`). Pacemaker passes it to every agent.
const FEATURE_SET: &str = "OCF_RESKEY_crm_feature_set";
const NOTIFY: &str = "OCF_RESKEY_CRM_meta_notify";
/// The name since Pacemaker 2.0, and the previous name, which later versions set as well.
const PROMOTED_MAX: [&str; 2] = [
    "OCF_RESKEY_CRM_meta_promoted_max",
    "OCF_RESKEY_CRM_meta_master_max",
];

const CLONE_MAX: &str = "OCF_RESKEY_CRM_meta_clone_max";

/// The role in the definition of the operation that runs; not set if the definition has no role.
const ROLE: &str = "OCF_RESKEY_CRM_meta_role";

/// The feature set of Pacemaker 2.0.0.
const OLDEST: FeatureSet = FeatureSet([3, 1, 0]);

/// What is wrong with the resource, or with the Pacemaker that runs it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CloneError {
    /// Pacemaker is too old, or did not start the agent.
    #[error(
        "{FEATURE_SET} is {}; at least \"{OLDEST}\" was expected, as of Pacemaker 2.0.0",
        spelt(.0.as_ref())
    )]
    FeatureSet(Option<String>),
    /// The clone gets no notifications, without which there is no election.
    #[error(
        "the meta-attribute notify of the clone is {}; \"true\" was expected",
        spelt(.0.as_ref())
    )]
    Notify(Option<String>),
    /// The clone may have several primaries, or none.
    #[error(
        "the meta-attribute promoted-max of the clone is {}; \"1\" was expected, of a promotable clone",
        spelt(.0.as_ref())
    )]
    PromotedMax(Option<String>),
}

impl CloneError {
    /// Returns the exit status of an action that is refused for this error. PAF's is the same.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Installed
    }
}

/// Three numbers, compared from the first to the last.
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

/// What a variable that is not set means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The resource is not configured as it has to be: Pacemaker sets all of these variables for a clone.
    Wrong,
    /// Nothing: tools that only examine parameters (`crm_resource --validate`) set none of these variables.
    Unknown,
}

/// Judges the variables of an environment, and ignores all others.
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
    /// One instance; there are no others to ask.
    One,
    /// Several instances, or an unknown number.
    Several,
}

impl Size {
    /// Returns the size of the clone that these variables describe.
    #[must_use]
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        match environment.get(CLONE_MAX).map(String::as_str) {
            Some("1") => Self::One,
            Some(_) | None => Self::Several,
        }
    }
}

/// The role that the cluster believes an instance to have, known from the monitor that it calls: Pacemaker calls a
/// monitor with a role only on an instance that has that role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenFor {
    /// A primary.
    Promoted,
    /// A standby.
    Unpromoted,
    /// The operation has no role.
    Unknown,
}

impl TakenFor {
    /// Reads the role from these variables, in the terms of Pacemaker 2.1 or in those before.
    #[must_use]
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        match environment.get(ROLE).map(String::as_str) {
            Some("Promoted" | "Master") => Self::Promoted,
            Some("Unpromoted" | "Slave") => Self::Unpromoted,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// Reads a boolean as Pacemaker does (`crm_str_to_boolean`).
fn is_true(value: &str) -> bool {
    ["true", "on", "yes", "y", "1"].contains(&value.to_ascii_lowercase().as_str())
}

/// Returns a value in quotation marks, or `not set`.
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
        // Both settings judge variables that are set alike.
        let is_told = |name: &str| environment.contains_key(name);
        if is_told(FEATURE_SET) && is_told(NOTIFY) && PROMOTED_MAX.into_iter().any(is_told) {
            assert_eq!(examine(&environment, Untold::Unknown), judged);
        }
        judged
    }

    #[test]
    fn a_missing_variable_is_an_error_only_in_a_call_by_pacemaker() {
        let nothing = BTreeMap::new();
        assert_eq!(examine(&nothing, Untold::Unknown), Ok(()));
        assert!(examine(&nothing, Untold::Wrong).is_err());
        let notify = [(NOTIFY.to_owned(), "false".to_owned())].into();
        let wrong = CloneError::Notify(Some("false".into()));
        assert_eq!(examine(&notify, Untold::Unknown), Err(wrong));
    }

    #[test]
    fn pacemaker_2_0_and_later_is_accepted() {
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
    fn promoted_max_is_read_under_both_names() {
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
    fn a_clone_has_one_instance_only_if_clone_max_is_1() {
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
    fn errors_say_what_was_found() {
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
