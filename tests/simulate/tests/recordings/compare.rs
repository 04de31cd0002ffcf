//! Where a replay differs from its recording. Knows nothing of how it came about.

use crate::recording::{Call, Recording};
use crate::replay::{Asked, Replay};

/// In which a difference is one sentence.
pub(crate) fn differences(recording: &Recording, replay: &Replay) -> Vec<String> {
    let mut differences = Vec::new();
    for (place, call) in recording.calls.iter().enumerate() {
        let asked = replay
            .asked
            .iter()
            .find(|asked| asked.recorded == Some(place));
        match asked {
            Some(asked) => differences.extend(variables(call, asked)),
            None if repeats(recording, place) => {}
            None => differences.push(format!(
                "missing at {}: {} {}",
                call.at,
                call.on,
                call.what()
            )),
        }
    }
    for asked in &replay.asked {
        if asked.recorded.is_none() && !asked.again {
            differences.push(format!(
                "too much at {}: {} {}",
                asked.at, asked.on, asked.what
            ));
        }
    }
    let ordered: Vec<(&Asked, &Call)> = replay
        .asked
        .iter()
        .filter(|asked| !asked.again)
        .filter_map(|asked| Some((asked, recording.calls.get(asked.recorded?)?)))
        .collect();
    for (asked, call) in &ordered {
        for (other, later) in &ordered {
            // What is done at once on several nodes has no order.
            if call.what() == later.what() && call.at.abs_diff(later.at) < 200 {
                continue;
            }
            let recorded = call.ends() <= later.at && other.at < asked.at;
            let modelled = asked.ends <= other.at && later.at < call.at;
            if recorded || modelled {
                differences.push(format!(
                    "order: {} {} at {}, then {} {} at {}; the model at {} and {}",
                    call.on,
                    call.what(),
                    call.at,
                    later.on,
                    later.what(),
                    later.at,
                    asked.at,
                    other.at
                ));
            }
        }
    }
    differences
}

/// Whether a recorded call is a monitor that ran before already.
fn repeats(recording: &Recording, place: usize) -> bool {
    let call = &recording.calls[place];
    if !call.meta.contains_key("interval") {
        return false;
    }
    for before in recording.calls[..place].iter().rev() {
        if before.on != call.on {
            continue;
        }
        if before.what() == call.what() {
            return true;
        }
        if matches!(
            before.action.as_str(),
            "start" | "stop" | "promote" | "demote"
        ) {
            return false;
        }
    }
    true
}

fn variables(call: &Call, asked: &Asked) -> Vec<String> {
    let mut differences = Vec::new();
    let names = call.meta.keys().chain(asked.meta.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    for name in names {
        let (recorded, model) = (call.meta.get(name), asked.meta.get(name));
        if recorded != model && !(asked.before && name == "clone") {
            differences.push(format!(
                "{} {} at {}: {name} is {recorded:?}, the model's {model:?}",
                call.on,
                call.what(),
                call.at
            ));
        }
    }
    differences
}
