use super::*;

/// Whether a condition can hold, and whether it can fail, while this many servers are up.
fn can(condition: &str, up: u64) -> (bool, bool) {
    let mut acls = Acls::default();
    acls.add("several", &["nbsrv(pg)", "gt", "1"]);
    acls.add("single", &["nbsrv(pg)", "eq", "1"]);
    acls.add("starting", &["date(0,ms)", "0:3999"]);
    let words: Vec<&str> = condition.split(' ').collect();
    let condition = Condition::read(&words);
    let counted = Counted {
        servers: &[("pg", up)],
        here: "pg",
        acls: &acls,
    };
    let all = Combinations::all();
    (
        UnknownCriteria::can(|unknown| condition.holds(&all, counted, unknown)) != Possible::No,
        UnknownCriteria::can(|unknown| all.without(&condition.holds(&all, counted, unknown)))
            != Possible::No,
    )
}

#[test]
fn conditions_on_the_number_of_servers_are_decided() {
    for condition in [
        "",
        "if { nbsrv(pg) gt 1 }",
        "if { nbsrv(pg) ge 2 }",
        "if { nbsrv(pg) -m int 2: }",
        "if { nbsrv gt 1 }",
        "if !{ nbsrv(pg) eq 1 }",
        "if ! { nbsrv(pg) lt 2 }",
        "unless { nbsrv(pg) le 1 }",
        "if several",
        "if !single",
        "unless single",
        "if WAIT_END several",
        "if starting or several",
        "if starting or !starting",
        "if { nbsrv(pg),sub(1) gt 0 }",
        "if { nbsrv(pg),sub(1) -m bool }",
        "if { nbsrv(pg),sub(1),bool }",
        "if { nbsrv(pg),sub(2),not }",
        "if { str(pg),nbsrv gt 1 }",
        "if { nbsrv(pg),mul(2),add(-1),div(2) 1: }",
        "if { always_true } !{ always_false }",
    ] {
        assert_eq!(can(condition, 2), (true, false), "{condition}");
    }
    for condition in [
        "if single",
        "if { nbsrv(pg) lt 1 }",
        "if single or !several",
        "if single starting",
        "if starting !starting",
        "if !",
    ] {
        let expected = if condition == "if !" {
            (true, false)
        } else {
            (false, true)
        };
        assert_eq!(can(condition, 2), expected, "{condition}");
    }
}

#[test]
fn other_conditions_may_hold_or_fail() {
    for condition in [
        "if starting",
        "if nobody",
        "if !starting several",
        "if several { src 10.0.0.0/8 }",
        "if { nbsrv(other) gt 1 }",
        "if { srv_is_up(pg/a) }",
        "if { nbsrv(pg) gt ${N} }",
        "if single or starting",
        "if {",
    ] {
        assert_eq!(can(condition, 2), (true, true), "{condition}");
    }
}

#[test]
fn the_number_of_servers_is_the_one_that_is_asked_for() {
    let guard = "if { nbsrv(pg) gt 1 }";
    assert_eq!([0, 1, 2].map(|up| can(guard, up).0), [false, false, true]);
    let one = "unless single";
    assert_eq!([0, 1, 2].map(|up| can(one, up).0), [true, false, true]);
}

/// On what it depends whether a condition can hold while two servers are up.
fn depends(condition: &str) -> Possible {
    let words: Vec<&str> = condition.split(' ').collect();
    let condition = Condition::read(&words);
    let counted = Counted {
        servers: &[("pg", 2)],
        here: "pg",
        acls: &Acls::default(),
    };
    UnknownCriteria::can(|unknown| condition.holds(&Combinations::all(), counted, unknown))
}

#[test]
fn a_criterion_of_which_nothing_is_known_is_named_where_it_decides() {
    for criterion in ["srv_is_up(pg/a)", "var(proc.x) -m found"] {
        let on = Possible::DependsOn(criterion.to_owned());
        assert_eq!(depends(&format!("if {{ {criterion} }}")), on);
        let both = format!("if {{ {criterion} }} {{ src 10.0.0.0/8 }}");
        assert_eq!(depends(&both), on);
        let either = format!("if {{ {criterion} }} or {{ src 10.0.0.0/8 }}");
        assert_eq!(depends(&either), Possible::Yes);
        let nothing = format!("if {{ {criterion} }} {{ nbsrv(pg) gt 2 }}");
        assert_eq!(depends(&nothing), Possible::No);
    }
    assert_eq!(depends("if { src 10.0.0.0/8 }"), Possible::Yes);
    assert_eq!(depends("if { nbsrv(other) gt 1 }"), Possible::Yes);
    assert_eq!(depends("if LOCALHOST"), Possible::Yes);
}
