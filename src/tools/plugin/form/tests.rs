use std::time::Duration;

use super::super::{Bounds, Subject};
use serde_json::{Value, json};

use super::*;
use crate::base::units::Bytes;
use crate::health::{Conditions, Share};

/// A standby with a lag of 8kB, which is half its critical limit.
fn behind(status: PluginStatus, load: Load) -> CheckFinding {
    let lag = Bounds {
        warning: Some(Bytes(4096)),
        critical: Some(Bytes(16384)),
    };
    let delay = Duration::from_millis(1500);
    CheckFinding {
        subject: Subject::Lag,
        status,
        text: "8kB behind".into(),
        figures: vec![
            Figure::bytes("lag", Bytes(8192), lag),
            Figure::time("delay", delay, Bounds::default()),
        ],
        load,
    }
}

fn half() -> Load {
    let conditions = Conditions {
        max_lag: Some(Bytes(1000)),
        ..Conditions::default()
    };
    Load::Share(Share::of(Some(Bytes(500)), None, &conditions))
}

#[test]
fn nagios_reads_one_line_with_figures_and_limits() {
    let finding = behind(PluginStatus::Warning, half());
    assert_eq!(
        OutputFormat::Nagios.text(&finding),
        "LAG WARNING - 8kB behind | lag=8192B;4096;16384;0 delay=1.5s;;;0\n"
    );
    let count = Figure::count(
        "streaming",
        1,
        Bounds {
            warning: Some(2),
            critical: Some(1),
        },
    );
    let finding = CheckFinding {
        figures: vec![count],
        ..CheckFinding::plain(Subject::Replication, PluginStatus::Warning, "too few")
    };
    assert_eq!(
        OutputFormat::Nagios.text(&finding),
        "REPLICATION WARNING - too few | streaming=1;2:;1:;0\n"
    );
    let unknown = CheckFinding::unknown(Subject::Role, "down auth");
    assert_eq!(
        OutputFormat::Nagios.text(&unknown),
        "ROLE UNKNOWN - down auth\n"
    );
}

#[test]
fn consul_and_keepalived_get_the_line_without_figures() {
    let finding = behind(PluginStatus::Ok, half());
    for form in [
        OutputFormat::Consul,
        OutputFormat::Keepalived,
        OutputFormat::MiscDynamic,
    ] {
        assert_eq!(form.text(&finding), "LAG OK - 8kB behind\n");
    }
}

#[test]
fn programs_read_every_figure_with_its_unit_and_limits() {
    let finding = behind(PluginStatus::Critical, half());
    let document: Value = serde_json::from_str(&OutputFormat::Json.text(&finding)).unwrap();
    let expected = json!({
        "version": 1,
        "check": "lag",
        "status": "critical",
        "text": "8kB behind",
        "figures": {
            "lag": { "value": 8192, "unit": "B", "warning": 4096, "critical": 16384 },
            "delay": { "value": 1.5, "unit": "s", "warning": null, "critical": null },
        },
    });
    assert_eq!(document, expected);
}

#[test]
fn each_form_ends_with_the_status_of_its_reader() {
    for (status, nagios, consul, keepalived, weighed) in [
        (PluginStatus::Ok, 0, 0, 0, 0),
        (PluginStatus::Warning, 1, 1, 0, 0),
        (PluginStatus::Critical, 2, 2, 1, 1),
        (PluginStatus::Unknown, 3, 2, 1, 1),
    ] {
        let finding = behind(status, Load::AsConfigured);
        assert_eq!(OutputFormat::Nagios.exit(&finding), nagios, "{status:?}");
        assert_eq!(OutputFormat::Json.exit(&finding), nagios, "{status:?}");
        assert_eq!(OutputFormat::Consul.exit(&finding), consul, "{status:?}");
        assert_eq!(
            OutputFormat::Keepalived.exit(&finding),
            keepalived,
            "{status:?}"
        );
        assert_eq!(
            OutputFormat::MiscDynamic.exit(&finding),
            weighed,
            "{status:?}"
        );
    }
}

#[test]
fn a_weight_exits_with_two_more_and_only_for_a_server_that_works() {
    for (load, status, exit) in [
        (Load::Share(Share::FULL), PluginStatus::Ok, 102),
        (half(), PluginStatus::Ok, 53),
        (half(), PluginStatus::Warning, 53),
        (half(), PluginStatus::Critical, 1),
        (half(), PluginStatus::Unknown, 1),
        (Load::Drain, PluginStatus::Warning, 2),
        (Load::Drain, PluginStatus::Critical, 2),
        (Load::Drain, PluginStatus::Unknown, 1),
    ] {
        let finding = behind(status, load);
        assert_eq!(
            OutputFormat::MiscDynamic.exit(&finding),
            exit,
            "{load:?} {status:?}"
        );
    }
}

#[test]
fn unknown_is_no_success_in_any_format() {
    for load in [Load::AsConfigured, Load::Drain, half()] {
        let unknown = behind(PluginStatus::Unknown, load);
        for form in OutputFormat::ALL {
            let exit = form.exit(&unknown);
            let success = match form {
                OutputFormat::MiscDynamic => exit != 1,
                OutputFormat::Nagios
                | OutputFormat::Json
                | OutputFormat::Consul
                | OutputFormat::Keepalived => exit == 0,
            };
            assert!(!success, "{form:?} {load:?} {exit}");
        }
    }
}
