use super::*;

fn with_two(condition: &str) -> Outcome {
    let acls = [
        Acl::new("several", &["nbsrv(pg)", "gt", "1"]),
        Acl::new("single", &["nbsrv(pg)", "eq", "1"]),
        Acl::new("starting", &["date(0,ms)", "0:3999"]),
    ];
    let words: Vec<&str> = condition.split(' ').collect();
    Condition::read(&words).with_two(Counted {
        servers: "pg",
        here: true,
        acls: &acls,
    })
}

#[test]
fn what_two_servers_decide_is_known() {
    for condition in [
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
        "if !starting several",
        "if WAIT_END several",
        "if starting or several",
    ] {
        assert_eq!(with_two(condition), Outcome::Holds, "{condition}");
    }
    for condition in [
        "if single",
        "if { nbsrv(pg) lt 1 }",
        "if single or !several",
        "if single starting",
    ] {
        assert_eq!(with_two(condition), Outcome::Fails, "{condition}");
    }
}

#[test]
fn what_they_do_not_decide_is_open() {
    for condition in [
        "",
        "if starting",
        "if nobody",
        "if { nbsrv(other) gt 1 }",
        "if { nbsrv(pg),sub(1) gt 1 }",
        "if { nbsrv(pg) gt ${N} }",
        "if single or starting",
        "if {",
        "if !",
    ] {
        assert_eq!(with_two(condition), Outcome::Open, "{condition}");
    }
}
