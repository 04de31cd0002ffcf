//! Scores, as Pacemaker adds and reads them (`lib/common/scores.c`). Knows nothing of what they are for.

/// INFINITY.
pub(super) const INFINITY: i32 = 1_000_000;

/// -INFINITY wins over everything, INFINITY over everything else.
pub(super) fn add(one: i32, other: i32) -> i32 {
    if one <= -INFINITY || other <= -INFINITY {
        -INFINITY
    } else if one >= INFINITY || other >= INFINITY {
        INFINITY
    } else {
        one.saturating_add(other).clamp(-INFINITY, INFINITY)
    }
}

/// What the text of an attribute stands for; 0 where it is no score.
pub(super) fn parse(text: &str) -> i32 {
    match text {
        "INFINITY" | "+INFINITY" => INFINITY,
        "-INFINITY" | "red" => -INFINITY,
        _ => text
            .parse::<i64>()
            .ok()
            .and_then(|score| i32::try_from(score.clamp(-1_000_000, 1_000_000)).ok())
            .unwrap_or(0),
    }
}
