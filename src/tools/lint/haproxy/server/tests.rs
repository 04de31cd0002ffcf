use super::*;

fn server(line: &str, defaults: &str) -> ServerLine {
    let place = FileLine {
        file: "a".into(),
        line: 1,
    };
    let mut parameters = ServerParameters::default();
    parameters.read(defaults.split(' '), &place);
    let words = line.split(' ').map(str::to_owned).collect();
    ServerLine::read(&Line { place, words }, &parameters).unwrap()
}

#[test]
fn a_servers_line_overrides_default_server() {
    let read = server(
        "server a h:1 no-check inter 500 cookie backup fall 2",
        "check inter 3s fall 1 port 8008 on-marked-down shutdown-sessions",
    );
    assert!(read.parameters.check.is_none());
    assert!(read.parameters.backup.is_none());
    assert!(read.is_active() && !read.is_checked());
    let inter = read.parameters.inter.unwrap().value;
    assert_eq!(inter, Some(Duration::from_millis(500)));
    assert_eq!(read.parameters.fall.unwrap().value, Some(2));
    assert_eq!(read.parameters.port.unwrap().value, Some(8008));
    assert!(read.parameters.on_marked_down.is_some());
}

#[test]
fn a_template_makes_many() {
    assert_eq!(server("server-template pg 3 h:1 check", "").count, 3);
    assert_eq!(server("server-template pg 2-4 h:1", "").count, 3);
    assert_eq!(server("server-template pg ${N} h:1", "").count, 2);
    assert_eq!(server("server pg h:1", "").count, 1);
}

#[test]
fn a_server_that_tracks_another_has_no_check_of_its_own() {
    let read = server("server a h:1 check track prod/a", "");
    assert!(!read.is_checked());
}

#[test]
fn a_check_over_tls_is_a_check() {
    let read = server(
        "server a h:1 check-ssl verify required ca-file check crt track crl-file backup ssl-min-ver TLSv1.2 check port 8008",
        "",
    );
    assert!(read.is_checked() && read.is_active());
    assert_eq!(read.parameters.port.unwrap().value, Some(8008));
}
