//! Compares pgsqlms(7) with the tables that the agent uses.

use super::super::agent;
use super::super::agent::decisions::{label, statuses};
use super::{below, plain, tags};
use crate::agent::decide::decision::{ACTIONS, STATES, cell};
use crate::agent::decide::scores::Score;
use crate::agent::ocf::actions::{ADVERTISED, Action};
use crate::agent::ocf::code::{Code, StatusSeverity};
use crate::agent::ocf::parameters::PARAMETERS;

fn page() -> String {
    plain(&agent::page())
}

#[test]
fn every_parameter_is_described_in_the_words_of_its_declaration() {
    let page = page();
    let items = below(&page, ".SH PARAMETERS");
    for declared in PARAMETERS {
        let found = items
            .split(".TP\n")
            .find(|item| item.starts_with(&format!("{} (", declared.name)));
        assert!(found.is_some_and(|item| item.contains(declared.long)));
    }
    assert_eq!(tags(&page, ".SH PARAMETERS").len(), PARAMETERS.len());
}

#[test]
fn every_action_and_status_is_described() {
    let page = page();
    let names = tags(&page, ".SH ACTIONS");
    let names: Vec<&str> = names
        .iter()
        .filter_map(|tag| tag.split(' ').next())
        .collect();
    let mut advertised: Vec<&str> = ADVERTISED.iter().map(|one| one.action.name()).collect();
    advertised.push(Action::Status.name());
    assert_eq!(names, advertised);
    let hard = |code: &Code| match code.severity() {
        StatusSeverity::Soft => "soft",
        StatusSeverity::Hard => "hard",
        StatusSeverity::Fatal => "fatal",
    };
    let statuses = Code::ALL.map(|code| format!("{} ({})", code.status(), hard(&code)));
    assert_eq!(tags(&page, ".SH \"EXIT STATUS\""), statuses);
}

/// The table and the items below it agree with the decision table.
#[test]
fn every_state_is_described_with_the_status_of_each_action() {
    let page = page();
    let table = below(&page, ".SH \"STATES AND ACTIONS\"");
    let words = |cells: &str| -> Vec<String> {
        let joined = cells.replace(" or ", "-or-");
        joined.split_whitespace().map(str::to_owned).collect()
    };
    let row_of = |begin: &str| {
        let cells = table.lines().find_map(|line| line.strip_prefix(begin));
        words(cells.unwrap())
    };
    assert_eq!(row_of("A server that "), ACTIONS.map(Action::name));
    for state in STATES {
        let statuses = ACTIONS.map(|action| {
            let (_, code) = cell(action, state);
            let listed = statuses(action, state);
            let first = listed.split(' ').next().map(str::to_owned);
            assert_eq!(
                first,
                Some(code.status().to_string()),
                "{action:?} {state:?}"
            );
            listed
        });
        let row = row_of(&format!("{} ", label(state)));
        assert_eq!(row, words(&statuses.join(" ")), "{state:?}");
        assert_eq!(statuses[0], state.code().status().to_string());
        for (action, statuses) in ACTIONS.iter().zip(&statuses) {
            let items = below(&page, &format!(".SS {}", action.name()));
            let mut items = items.split(".TP\n").filter(|item| {
                let tag = item.lines().next().unwrap_or_default();
                tag.split(", ").any(|one| one == label(state))
            });
            let item = items.next().unwrap();
            assert!(item.contains(&format!("\n{statuses}: ")), "{item}");
            assert_eq!(items.next(), None);
        }
    }
}

#[test]
fn every_score_is_described() {
    let page = page();
    let listed = tags(&page, ".SH \"PROMOTION SCORES\"").join(" ");
    let words: Vec<&str> = listed.split([' ', ',']).collect();
    for score in [
        Score::PRIMARY,
        Score::BEST,
        Score::FIRST,
        Score::NOT_YET,
        Score::NOT_CONNECTED,
        Score::VETO,
    ] {
        assert!(words.contains(&score.to_string().as_str()), "{listed}");
    }
}
