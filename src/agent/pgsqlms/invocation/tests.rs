use proptest::prelude::*;

use std::path::{Path, PathBuf};

use super::*;
use crate::agent::ocf::parameters::PARAMETERS;
use crate::agent::pgsqlms::lenient_parameters::RunningSearch;

/// Every action that does something, and whether all parameters have to be valid for it.
const TASKS: [(Action, bool); 10] = [
    (Action::Start, true),
    (Action::ValidateAll, true),
    (Action::Reload, true),
    (Action::ReloadAgent, true),
    (Action::Monitor, false),
    (Action::Status, false),
    (Action::Stop, false),
    (Action::Promote, false),
    (Action::Demote, false),
    (Action::Notify, false),
];

/// The variables that Pacemaker 2.1.5 sets, and more.
fn variables(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let usual = [
        (RESOURCE, "pgsqld"),
        (NODE, "srv1"),
        ("OCF_RESKEY_crm_feature_set", "3.16.1"),
        ("OCF_RESKEY_CRM_meta_notify", "true"),
        ("OCF_RESKEY_CRM_meta_promoted_max", "1"),
        ("OCF_RESKEY_CRM_meta_notify_type", "pre"),
        ("OCF_RESKEY_CRM_meta_notify_operation", "promote"),
        ("OCF_RESKEY_CRM_meta_notify_stop_resource", "pgsqld:0"),
        ("OCF_RESKEY_CRM_meta_notify_stop_uname", "srv3"),
    ];
    let all = usual.iter().chain(more);
    all.map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn task(action: Action, more: &[(&str, &str)]) -> Result<Invocation, InvocationError> {
    match Invocation::read(action, &variables(more), &nowhere)? {
        AgentRequest::Task(invocation) => Ok(*invocation),
        other @ AgentRequest::Text(_) => panic!("{other:?}"),
    }
}

/// No server of the resource runs.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as a search that may be in doubt"
)]
fn nowhere(_: &RunningSearch<'_>) -> Result<Option<PathBuf>, String> {
    Ok(None)
}

#[test]
fn metadata_and_methods_need_no_environment() {
    let nothing = BTreeMap::new();
    let text = |action| match Invocation::read(action, &nothing, &nowhere).unwrap() {
        AgentRequest::Text(text) => text,
        other @ AgentRequest::Task(_) => panic!("{other:?}"),
    };
    assert!(text(Action::MetaData).starts_with("<?xml"));
    let methods = text(Action::Methods);
    let mut names = methods.lines();
    assert!(names.all(|name| Action::parse(name).is_some()));
    assert!(methods.contains("\nvalidate-all\n"));
}

#[test]
fn every_variable_is_read() {
    let told = [(TIMEOUT, "90000"), ("OCF_RESKEY_maxlag", "42")];
    let read = task(Action::Notify, &told).unwrap();
    assert_eq!(
        read.task,
        Task::Notify(NotificationType::Before, NotifiedOperation::Promote)
    );
    assert_eq!(read.attributes.resource(), "pgsqld");
    assert_eq!(read.timeout, Duration::from_secs(90));
    assert_eq!(read.node.as_ref().map(Node::name), Some("srv1"));
    assert_eq!(read.parameters.maxlag.unwrap().0, 42);
    let stopped: Vec<&str> = read.plan.stop.iter().map(|one| one.node.name()).collect();
    assert_eq!(stopped, ["srv3"]);
    assert_eq!(read.warnings, [""; 0]);
}

#[test]
fn a_timeout_that_was_not_passed_is_the_advertised_one() {
    for (action, seconds) in [
        (Action::Demote, 120),
        (Action::Monitor, 10),
        (Action::Status, 10),
    ] {
        for unsaid in ["", "0", "-1", "20s"] {
            let read = task(action, &[(TIMEOUT, unsaid)]).unwrap();
            assert_eq!(read.timeout, Duration::from_secs(seconds));
        }
    }
}

#[test]
fn a_misspelt_parameter_fails_no_running_server() {
    let typo = ("OCF_RESKEY_pgport", "5432x");
    for (action, strict) in TASKS {
        let read = task(action, &[typo]);
        if strict {
            let error = read.unwrap_err();
            let is_reload = [Action::Reload, Action::ReloadAgent].contains(&action);
            let code = if is_reload { Code::Success } else { Code::Args };
            assert_eq!(error.code(action), code);
            assert!(error.to_string().contains("pgport"), "{error}");
        } else {
            let read = read.unwrap();
            assert_eq!(read.parameters.pgport, 5432);
            let [warning] = read.warnings.as_slice() else {
                panic!("{:?}", read.warnings);
            };
            assert!(warning.contains("pgport is \"5432x\""), "{warning}");
        }
    }
}

#[test]
fn only_a_probe_reports_a_wrong_parameter_if_no_server_runs() {
    let typo = ("OCF_RESKEY_bindir", "bin");
    let unfit = ("OCF_RESKEY_CRM_meta_notify", "false");
    let flaw = |action, more: &[(&str, &str)]| task(action, more).unwrap().flaw;
    for probe in ["", "0"] {
        for action in [Action::Monitor, Action::Status] {
            let found = flaw(action, &[typo, (INTERVAL, probe)]).unwrap();
            assert_eq!(found.code, Code::Args);
            assert!(found.sentence.contains("bindir"), "{found:?}");
            let found = flaw(action, &[typo, unfit]).unwrap();
            assert_eq!(found.code, Code::Installed);
            assert_eq!(flaw(action, &[]), None);
        }
    }
    assert_eq!(flaw(Action::Monitor, &[typo, (INTERVAL, "15000")]), None);
    assert_eq!(flaw(Action::Stop, &[typo]), None);
}

#[test]
fn the_server_has_to_be_identified_by_parameters_or_found_running() {
    for (action, strict) in TASKS {
        for name in ["pgdata", "datadir"] {
            let wrong = variables(&[(&format!("OCF_RESKEY_{name}"), "a b")]);
            let error = Invocation::read(action, &wrong, &nowhere).unwrap_err();
            let ends = error.code(action);
            let harmful = [
                Action::Stop,
                Action::Notify,
                Action::Reload,
                Action::ReloadAgent,
            ];
            let is_harmful = harmful.contains(&action);
            let expected = if is_harmful {
                Code::Success
            } else {
                Code::Args
            };
            assert_eq!(ends, expected, "{action:?}");
            assert!(error.to_string().contains(name), "{error}");
            let doubt = |_: &RunningSearch<'_>| Err("two processes could be it".into());
            if !strict {
                let error = Invocation::read(action, &wrong, &doubt).unwrap_err();
                let is_told = action == Action::Notify;
                let expected = if is_told {
                    Code::Success
                } else {
                    Code::Generic
                };
                assert_eq!(error.code(action), expected, "{action:?}");
                assert!(error.to_string().contains("two processes"), "{error}");
            }
            let place = |search: &RunningSearch<'_>| {
                assert_eq!(search.node.map(Node::name), Some("srv1"));
                Ok(Some("/seen".into()))
            };
            match Invocation::read(action, &wrong, &place) {
                Ok(AgentRequest::Task(read)) => {
                    assert!(!strict);
                    assert_eq!(read.parameters.datadir, Path::new("/seen"));
                }
                Ok(AgentRequest::Text(text)) => panic!("{text}"),
                Err(_) => assert!(strict),
            }
        }
        let error = task(action, &[(RESOURCE, "")]).unwrap_err();
        let is_reload = [Action::Reload, Action::ReloadAgent].contains(&action);
        let code = if is_reload { Code::Success } else { Code::Args };
        assert_eq!(error.code(action), code);
    }
}

#[test]
fn a_clone_of_the_wrong_kind_is_refused_before_it_starts_and_not_after() {
    let wrong = ("OCF_RESKEY_CRM_meta_notify", "false");
    for (action, strict) in TASKS {
        match task(action, &[wrong]) {
            Ok(_) => assert!(!strict),
            Err(error) => {
                assert!(strict);
                assert!(error.to_string().contains("notify"), "{error}");
            }
        }
    }
}

/// The variables of `crm_resource --validate`.
#[test]
fn parameters_are_validated_without_a_clone() {
    let told = |action| {
        let alone = [(RESOURCE.to_owned(), "test".to_owned())].into();
        Invocation::read(action, &alone, &nowhere)
    };
    assert!(told(Action::ValidateAll).is_ok());
    let unfit = told(Action::Start).unwrap_err();
    assert_eq!(unfit.code(Action::Start), Code::Installed);
}

#[test]
fn invalid_lists_are_ignored_unless_they_are_needed() {
    let odd = ("OCF_RESKEY_CRM_meta_notify_stop_uname", "srv1 srv2");
    let read = task(Action::Demote, &[odd]).unwrap();
    assert_eq!(
        (read.plan, read.warnings.len()),
        (TransitionPlan::default(), 1)
    );
    let error = task(Action::Notify, &[odd]).unwrap_err();
    assert_eq!(error.code(Action::Notify), Code::Success);
}

proptest! {
    #[test]
    fn any_environment_is_read_or_refused_in_a_sentence(
        index in 0..TASKS.len(),
        values in proptest::collection::vec("(?s).{0,12}", 18),
    ) {
        let parameters = PARAMETERS.map(|one| format!("OCF_RESKEY_{}", one.name));
        let others = variables(&[(TIMEOUT, ""), (INTERVAL, "")]).into_keys();
        let names = parameters.into_iter().chain(others);
        let environment = names.zip(values).collect();
        match Invocation::read(TASKS[index].0, &environment, &nowhere) {
            Ok(AgentRequest::Task(read)) => prop_assert!(!read.timeout.is_zero()),
            Ok(AgentRequest::Text(_)) => prop_assert!(false),
            Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
        }
    }
}
