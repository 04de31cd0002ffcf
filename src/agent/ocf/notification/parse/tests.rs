use proptest::prelude::*;

use super::*;

/// Returns the full name of a variable.
fn whole(short: &str) -> String {
    format!("OCF_RESKEY_CRM_meta_notify_{short}")
}

/// The variables before the promotion of a switchover, as Pacemaker 2.1 sets them.
fn switchover() -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> = [
        ("type", "pre"),
        ("operation", "promote"),
        ("start_resource", " "),
        ("start_uname", " "),
        ("stop_resource", " "),
        ("stop_uname", " "),
        ("promote_resource", "pgsqld:1"),
        ("promote_uname", "srv2"),
        ("demote_resource", "pgsqld:0"),
        ("demote_uname", "srv1"),
        ("active_resource", "pgsqld:0 pgsqld:1 pgsqld:2"),
        ("active_uname", "srv1 srv2 srv3"),
        ("promoted_resource", "pgsqld:0"),
        ("promoted_uname", "srv1"),
        ("unpromoted_resource", "pgsqld:1 pgsqld:2"),
        ("unpromoted_uname", "srv2 srv3"),
        ("inactive_resource", " "),
        ("available_uname", "srv1 srv2 srv3"),
        ("all_uname", "srv1 srv2 srv3"),
    ]
    .map(|(name, value)| (whole(name), value.to_owned()))
    .into();
    variables.insert("OCF_RESKEY_CRM_meta_clone_max".into(), "3".into());
    variables
}

/// The same variables with one of them set otherwise, or not at all.
fn changed(name: &str, value: Option<&str>) -> Result<Notification, NotificationError> {
    let mut variables = switchover();
    let name = whole(name);
    match value {
        Some(value) => variables.insert(name, value.into()),
        None => variables.remove(&name),
    };
    Notification::parse(&variables)
}

fn instance(number: u32) -> CloneInstance {
    CloneInstance {
        resource: format!("pgsqld:{}", number - 1),
        node: format!("srv{number}").parse().unwrap(),
    }
}

#[test]
fn a_notification_is_read() {
    let expected = Notification {
        moment: NotificationType::Before,
        operation: NotifiedOperation::Promote,
        plan: TransitionPlan {
            start: vec![],
            stop: vec![],
            promote: vec![instance(2)],
            demote: vec![instance(1)],
            active: vec![instance(1), instance(2), instance(3)],
            promoted: vec![instance(1)],
            unpromoted: vec![instance(2), instance(3)],
        },
    };
    assert_eq!(Notification::parse(&switchover()), Ok(expected));
}

#[test]
fn the_names_before_pacemaker_2_1_are_understood() {
    let old = switchover().into_iter().map(|(name, value)| {
        let name = name.replace("unpromoted", "slave");
        (name.replace("promoted", "master"), value)
    });
    assert_eq!(
        Notification::parse(&old.collect()),
        Notification::parse(&switchover())
    );
    // Pacemaker 2.1 to 3.0 set both, with the same content; the new names take precedence.
    let mut both = switchover();
    both.insert(whole("master_resource"), "pgsqld:2".into());
    both.insert(whole("master_uname"), "srv3".into());
    assert_eq!(
        Notification::parse(&both),
        Notification::parse(&switchover())
    );
}

#[test]
fn promoted_and_unpromoted_instances_were_active() {
    let mut variables = switchover();
    variables.remove(&whole("active_resource"));
    variables.remove(&whole("active_uname"));
    assert_eq!(
        Notification::parse(&variables),
        Notification::parse(&switchover())
    );
}

#[test]
fn a_list_that_is_not_set_is_empty() {
    let mut variables = switchover();
    variables.retain(|name, _| name.ends_with("_type") || name.ends_with("_operation"));
    let empty = Notification::parse(&variables).unwrap();
    assert_eq!(empty.plan, TransitionPlan::default());
    assert!(changed("promote_uname", None).is_err());
}

#[test]
fn invalid_variables_are_refused_with_a_sentence() {
    let refused = |name, value| changed(name, value).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            refused("type", None),
            refused("type", Some(" ")),
            refused("type", Some("during")),
            refused("operation", Some("\u{1b}monitor")),
            refused("active_uname", Some("srv1 srv2")),
            refused("promote_resource", None),
            refused("promote_uname", Some("srv\u{7}2")),
        ]
        .join("\n"),
        @r#"
    OCF_RESKEY_CRM_meta_notify_type is not set; is the clone's meta-attribute notify set to true?
    OCF_RESKEY_CRM_meta_notify_type is not set; is the clone's meta-attribute notify set to true?
    OCF_RESKEY_CRM_meta_notify_type is "during"; "pre" or "post" was expected
    OCF_RESKEY_CRM_meta_notify_operation is "\u{1b}monitor"; "start", "stop", "promote" or "demote" was expected
    OCF_RESKEY_CRM_meta_notify_active_resource names 3 instances and OCF_RESKEY_CRM_meta_notify_active_uname 2 nodes
    OCF_RESKEY_CRM_meta_notify_promote_resource names 0 instances and OCF_RESKEY_CRM_meta_notify_promote_uname 1 nodes
    OCF_RESKEY_CRM_meta_notify_promote_uname contains a word that cannot be the name of a node
    "#
    );
}

/// Variables with names and values that a notification can have, or others.
fn any_variables() -> impl Strategy<Value = BTreeMap<String, String>> {
    let names: Vec<String> = switchover().into_keys().collect();
    let name = prop_oneof![9 => proptest::sample::select(names), 1 => "(?s).{0,20}"];
    let value = prop_oneof![
        Just(" ".to_owned()),
        Just("pre".to_owned()),
        Just("promote".to_owned()),
        "(srv[1-3] ?){0,3}",
        "(?s).{0,20}",
    ];
    proptest::collection::btree_map(name, value, 0..25)
}

proptest! {
    #[test]
    fn variables_of_any_shape_are_read_or_refused_in_a_sentence(
        other in any_variables(),
        is_added: bool,
    ) {
        let mut variables = if is_added { switchover() } else { BTreeMap::new() };
        variables.extend(other);
        match Notification::parse(&variables) {
            Ok(notification) => {
                let lists = [
                    (&notification.plan.start, START),
                    (&notification.plan.promote, PROMOTE),
                    (&notification.plan.active, ACTIVE),
                ];
                for (instances, list) in lists {
                    let words = Variables(&variables).words(list);
                    let names = instances.iter().map(|one| one.node.name());
                    prop_assert!(words.is_none_or(|[_, nodes]| nodes.eq(names)));
                }
            }
            Err(error) => {
                let said = error.to_string();
                prop_assert!(!said.is_empty() && !said.contains(char::is_control), "{said:?}");
            }
        }
    }
}
