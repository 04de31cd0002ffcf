//! Histories that once went wrong are played again: those of mended faults break no rule any more, and those of
//! faults that are known still break the rule that their first line names.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::path::PathBuf;

use simulate::events::Script;
use simulate::invariants::Rules;
use simulate::invariants::kind::Rule;
use simulate::run::play;

/// The scripts of a folder: their names, what the first line says behind `# breaks `, and what happens.
fn kept() -> Vec<(PathBuf, Option<Rule>, Script)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("kept");
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let breaks = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# breaks "));
        let rule = breaks.map(|name| Rule::parse(name.trim()).unwrap());
        let script = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        kept.push((path, rule, script));
    }
    kept.sort_by(|(one, _, _), (other, _, _)| one.cmp(other));
    kept
}

#[test]
fn every_kept_history_goes_as_it_says() {
    let mut wrong = Vec::new();
    for (path, breaks, script) in kept() {
        let ended = play(&script, &Rules::without(&[]), false);
        let is_as_said = match breaks {
            Some(rule) => ended.violations.iter().any(|one| one.rule == rule),
            None => ended.violations.is_empty(),
        };
        if !is_as_said {
            wrong.push(format!("{}: {:?}", path.display(), ended.violations));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_script_determines_everything() {
    for seed in 0..3 {
        let script = Script::generate(seed);
        let rules = Rules::without(&[]);
        assert_eq!(play(&script, &rules, false), play(&script, &rules, false));
    }
}
