use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use super::super::table::OnChange;
use super::*;

fn variables(set: &[(&str, &str)]) -> BTreeMap<String, String> {
    let variable = |(name, value): &(&str, &str)| (format!("{PREFIX}{name}"), (*value).to_owned());
    set.iter().map(variable).collect()
}

fn parse(set: &[(&str, &str)]) -> Result<Parameters, ParameterError> {
    Parameters::parse(&variables(set))
}

#[test]
fn no_parameter_is_required() {
    let defaults = parse(&[]).unwrap();
    assert_eq!(
        defaults,
        Parameters {
            system_user: "postgres".into(),
            bindir: "/usr/bin".into(),
            pgdata: "/var/lib/pgsql/data".into(),
            datadir: "/var/lib/pgsql/data".into(),
            pghost: "/var/run/postgresql".into(),
            pgport: 5432,
            maxlag: None,
            recovery_template: "/var/lib/pgsql/data/recovery.conf.pcmk".into(),
            start_opts: String::new(),
        }
    );
    let unset: Vec<(&str, &str)> = PARAMETERS.iter().map(|one| (one.name, "")).collect();
    assert_eq!(parse(&unset), Ok(defaults.clone()));
    let zero: Vec<(&str, &str)> = PARAMETERS.iter().map(|one| (one.name, "0")).collect();
    assert_eq!(parse(&zero), Ok(defaults));
}

#[test]
fn debians_two_directories_are_distinguished() {
    let debian = parse(&[
        ("pgdata", "/etc/postgresql/15/main"),
        ("datadir", "/var/lib/postgresql/15/main"),
        ("maxlag", "16777216"),
        ("pgport", "5434"),
    ])
    .unwrap();
    assert_eq!(debian.datadir, Path::new("/var/lib/postgresql/15/main"));
    assert_eq!(
        debian.recovery_template,
        Path::new("/etc/postgresql/15/main/recovery.conf.pcmk")
    );
    assert_eq!(
        (debian.maxlag, debian.pgport),
        (Some(Bytes(16 << 20)), 5434)
    );
}

#[test]
fn an_error_says_what_was_found_and_expected() {
    let refused = |name: &str, value: &str| {
        let error = parse(&[(name, value)]).unwrap_err();
        assert_eq!(error.code(), Code::Args);
        error.to_string()
    };
    insta::assert_snapshot!(
        [
            refused("system_user", "post gres"),
            refused("system_user", "/root"),
            refused("bindir", "bin"),
            refused("pgdata", " /data"),
            refused("pgdata", "/data\n"),
            refused("datadir", "data"),
            refused("recovery_template", "~/recovery.conf"),
            refused("pghost", "tmp/socket"),
            refused("pgport", "00"),
            refused("pgport", "65536"),
            refused("pgport", "-1"),
            refused("pgport", "postgres"),
            refused("maxlag", "-5"),
            refused("maxlag", "1e6"),
            refused("maxlag", "16MB"),
            refused("maxlag", "1.5"),
            refused("maxlag", "18446744073709551616"),
            refused("start_opts", "-c a=b\u{1b}[2J"),
        ]
        .join("\n"),
        @r#"
    parameter system_user is "post gres"; the name of a user, without blanks, colons and slashes was expected
    parameter system_user is "/root"; the name of a user, without blanks, colons and slashes was expected
    parameter bindir is "bin"; an absolute path was expected
    parameter pgdata is " /data"; an absolute path was expected
    parameter pgdata is "/data\n"; an absolute path was expected
    parameter datadir is "data"; an absolute path was expected
    parameter recovery_template is "~/recovery.conf"; an absolute path was expected
    parameter pghost is "tmp/socket"; the absolute path of a socket's directory, a host's name or an address was expected
    parameter pgport is "00"; a port from 1 to 65535 was expected
    parameter pgport is "65536"; a port from 1 to 65535 was expected
    parameter pgport is "-1"; a port from 1 to 65535 was expected
    parameter pgport is "postgres"; a port from 1 to 65535 was expected
    parameter maxlag is "-5"; a whole number of bytes, not negative was expected
    parameter maxlag is "1e6"; a whole number of bytes, not negative was expected
    parameter maxlag is "16MB"; a whole number of bytes, not negative was expected
    parameter maxlag is "1.5"; a whole number of bytes, not negative was expected
    parameter maxlag is "18446744073709551616"; a whole number of bytes, not negative was expected
    parameter start_opts is "-c a=b\u{1b}[2J"; options in one line was expected
    "#
    );
}

#[test]
fn parameters_that_identify_the_server_require_a_restart() {
    let restarting = PARAMETERS
        .iter()
        .filter(|one| one.on_change == OnChange::Restart);
    let names: Vec<&str> = restarting.map(|one| one.name).collect();
    assert_eq!(names, ["pgdata", "datadir"]);
}

#[test]
fn a_running_server_tolerates_most_wrong_parameters() {
    let set = [
        ("pgdata", "/data"),
        ("bindir", "bin"),
        ("pghost", "a b"),
        ("pgport", "0x1538"),
        ("maxlag", "16MB"),
        ("recovery_template", "~"),
        ("start_opts", "\u{fffd}"),
        ("system_user", "/root"),
    ];
    let Lenient { parameters, wrong } = Parameters::parse_leniently(&variables(&set)).unwrap();
    assert_eq!(parameters, parse(&[("pgdata", "/data")]).unwrap());
    let names: BTreeSet<&str> = wrong.iter().map(|error| error.name).collect();
    let mut expected = BTreeSet::from(set.map(|(name, _)| name));
    expected.remove("pgdata");
    assert_eq!((wrong.len(), names), (7, expected));
}

#[test]
fn parameters_that_identify_the_server_must_be_valid() {
    for name in ["pgdata", "datadir"] {
        let read = Parameters::parse_leniently(&variables(&[(name, "a b"), ("pgport", "x")]));
        assert_eq!(read.unwrap_err().name, name);
    }
}

proptest! {
    #[test]
    fn any_values_are_taken_or_refused_in_a_sentence(
        values in proptest::collection::vec("(?s).{0,12}", 9),
        good in proptest::collection::vec(any::<bool>(), 9),
    ) {
        let set: Vec<(&str, &str)> = PARAMETERS
            .iter()
            .zip(&values)
            .zip(&good)
            .map(|((one, value), good)| (one.name, if *good { "" } else { value.as_str() }))
            .collect();
        let lenient = Parameters::parse_leniently(&variables(&set));
        match parse(&set) {
            Ok(parameters) => {
                let wrong = Vec::new();
                prop_assert_eq!(lenient, Ok(Lenient { parameters: parameters.clone(), wrong }));
                prop_assert!(parameters.pgport > 0 && parameters.datadir.is_absolute());
                prop_assert!(parameters.maxlag != Some(Bytes(0)));
            }
            Err(error) => {
                prop_assert!(lenient.map_or_else(|one| one == error, |read| read.wrong.contains(&error)));
                let said = error.to_string();
                prop_assert!(said.starts_with("parameter ") && !said.contains(char::is_control));
            }
        }
    }
}
