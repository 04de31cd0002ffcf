use super::*;

fn variables(pairs: &[(&str, &str)]) -> Arc<BTreeMap<String, String>> {
    let all = [
        ("OCF_RESOURCE_INSTANCE", "pgsqld"),
        ("OCF_RESKEY_pgdata", "/var/lib/postgresql/15/main"),
        ("OCF_RESKEY_crm_feature_set", "3.16.2"),
        ("OCF_RESKEY_CRM_meta_notify", "true"),
        ("OCF_RESKEY_CRM_meta_promoted_max", "1"),
        ("OCF_RESKEY_CRM_meta_timeout", "60000"),
        ("OCF_RESKEY_CRM_meta_on_node", "srv1"),
    ];
    let all = all.iter().chain(pairs);
    let all = all.map(|(name, value)| ((*name).into(), (*value).into()));
    Arc::new(all.collect())
}

#[test]
fn the_agents_own_start_starts_a_simulated_server() {
    let mut run = Run::new(1, Rules::without(&[]), true);
    run.bring_up();
    run.start(ActionId(9_000), 0, "start", variables(&[]));
    run.until(Duration::from_secs(30));
    let Some(Outcome::Ending(ending)) = run.endings.get(&ActionId(9_000)) else {
        panic!("{:?}", run.world.borrow().story);
    };
    assert_eq!(ending.code.status(), 0, "{ending:?}");
    run.start(
        ActionId(9_001),
        0,
        "monitor",
        variables(&[("OCF_RESKEY_CRM_meta_interval", "16000")]),
    );
    run.until(Duration::from_secs(60));
    let Some(Outcome::Ending(ending)) = run.endings.get(&ActionId(9_001)) else {
        panic!("{:?}", run.world.borrow().story);
    };
    assert_eq!(ending.code.status(), 0, "{ending:?}");
}

#[test]
fn a_seed_determines_everything() {
    let script = Script::generate(7);
    let rules = Rules::without(&[]);
    let ended = play(&script, &rules, true);
    assert!(ended.rows.1 > 0 && ended.digest.is_some(), "{ended:?}");
    assert_eq!(ended, play(&script, &rules, true));
    // Nor does it matter whether somebody wants to know.
    let untold = Ended {
        story: Vec::new(),
        digest: None,
        ..ended
    };
    assert_eq!(untold, play(&script, &rules, false));
}
