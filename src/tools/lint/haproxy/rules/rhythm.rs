//! How long a check may take, compared with the time between two checks.

use std::time::Duration;

use super::finding;
use crate::base::units::show_duration;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::server::{ServerLine, ServerParameters, WrittenValue};
use crate::tools::lint::{Finding, Rule};

/// The time between two checks if `inter` is not set (Configuration Manual, "inter").
const USUAL_INTER: Duration = Duration::from_secs(2);

/// No `timeout check`.
pub(super) fn unbounded(pool: &Pool<'_>) -> Option<Finding> {
    pool.checked().next()?;
    let set = pool.proxy.settings.timeouts.check.as_ref();
    if set.is_some_and(|timeout| timeout.value != Some(Duration::ZERO)) {
        return None;
    }
    let what = "Without `timeout check` the time between two checks limits the connection and the answer \
                together, and changes with `inter`.";
    let remedy = "Set `timeout check` below `inter`, for example to 1500ms for an `inter` of 2s.";
    Some(finding(
        pool,
        Rule::NoCheckTimeout,
        &pool.proxy.place,
        what,
        remedy,
    ))
}

/// `timeout check` above the time between two checks.
pub(super) fn too_long(pool: &Pool<'_>) -> Option<Finding> {
    let timeout = pool.proxy.settings.timeouts.check.as_ref()?;
    let longest = timeout.value?;
    let shortest = pool.checked().filter_map(inter).min()?;
    if longest <= shortest {
        return None;
    }
    let (longest, shortest) = (show_duration(longest), show_duration(shortest));
    let what = format!(
        "`timeout check` of {longest} is longer than the {shortest} between two checks, so a server that \
         hangs is detected later than `inter` and `fall` say."
    );
    let remedy =
        format!("Set `timeout check` to less than {shortest}, or `inter` to more than {longest}.");
    Some(finding(
        pool,
        Rule::CheckTimeoutOverInter,
        &timeout.place,
        what,
        remedy,
    ))
}

/// A server that goes is noticed only after more than this, with `inter` and `fall`.
const LATEST: Duration = Duration::from_secs(60);

/// Failed checks until a server is down, if `fall` is not set (Configuration Manual, "fall").
const USUAL_FALL: u32 = 3;

/// Successful checks until a server is up, if `rise` is not set (Configuration Manual, "rise").
const USUAL_RISE: u32 = 2;

/// A server whose change is noticed after more than a minute. After the first check with another result the next ones come
/// every `fastinter`; while a server is down they come every `downinter` (Configuration Manual, "inter").
pub(super) fn too_rare(pool: &Pool<'_>) -> Option<Finding> {
    let mut servers = pool.checked();
    let (server, what) = servers.find_map(|server| {
        let ServerParameters {
            fastinter,
            downinter,
            fall,
            rise,
            ..
        } = &server.parameters;
        let inter = inter(server)?;
        let fast = time(fastinter.as_ref(), inter)?;
        let until = |first: Duration, checks: u32| {
            first.saturating_add(fast.saturating_mul(checks.saturating_sub(1)))
        };
        // Of a variable it is known that there is one check.
        let goes = until(inter, count(fall.as_ref(), USUAL_FALL).unwrap_or(1));
        if goes > LATEST {
            let goes = show_duration(goes);
            return Some((server, format!(
                "A server that is no longer what the section is for keeps its sessions for up to {goes}, by `inter`, \
                 `fastinter` and `fall`."
            )));
        }
        let down = time(downinter.as_ref(), inter)?;
        let comes = until(down, count(rise.as_ref(), USUAL_RISE).unwrap_or(1));
        (comes > LATEST).then(|| {
            let comes = show_duration(comes);
            (server, format!(
                "A server that has become what the section is for gets sessions only after up to {comes}, by \
                 `downinter`, `fastinter` and `rise`."
            ))
        })
    })?;
    let remedy = "Set `inter` to 2s and `fall` to 2, and neither `fastinter` nor `downinter` to more than `inter`.";
    Some(finding(
        pool,
        Rule::CheckTimeoutOverInter,
        &server.place,
        what,
        remedy,
    ))
}

/// The time between two checks; `None` if it is set and cannot be parsed.
fn inter(server: &ServerLine) -> Option<Duration> {
    time(server.parameters.inter.as_ref(), USUAL_INTER)
}

fn time(setting: Option<&WrittenValue<Option<Duration>>>, usual: Duration) -> Option<Duration> {
    setting.map_or(Some(usual), |setting| setting.value)
}

fn count(setting: Option<&WrittenValue<Option<u32>>>, usual: u32) -> Option<u32> {
    setting.map_or(Some(usual), |setting| setting.value)
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    fn pool(timeout: &str, server: &str) -> String {
        format!("defaults\n {timeout}\nlisten pg\n server a h:5432 {server}\n")
    }

    #[test]
    fn checks_that_nothing_bounds() {
        fires(Rule::NoCheckTimeout, &pool("", "check"), &[3]);
        fires(
            Rule::NoCheckTimeout,
            &pool("timeout check 0", "check"),
            &[3],
        );
        quiet(Rule::NoCheckTimeout, &pool("timeout check 1s", "check"));
        quiet(
            Rule::NoCheckTimeout,
            &pool("timeout check \"${T}\"", "check"),
        );
        quiet(Rule::NoCheckTimeout, &pool("", ""));
        quiet(Rule::NoCheckTimeout, &pool("", "track x/y"));
    }

    #[test]
    fn checks_that_last_into_the_next() {
        fires(
            Rule::CheckTimeoutOverInter,
            &pool("timeout check 5s", "check inter 3s"),
            &[2],
        );
        fires(
            Rule::CheckTimeoutOverInter,
            &pool("timeout check 2500", "check"),
            &[2],
        );
        quiet(
            Rule::CheckTimeoutOverInter,
            &pool("timeout check 3s", "check inter 3s"),
        );
        quiet(
            Rule::CheckTimeoutOverInter,
            &pool("timeout check 1500ms", "check fastinter 500ms"),
        );
        quiet(
            Rule::CheckTimeoutOverInter,
            &pool("timeout check 5s", "check inter \"${I}\""),
        );
        quiet(Rule::CheckTimeoutOverInter, &pool("timeout check 5s", ""));
    }

    #[test]
    fn checks_that_notice_a_failure_after_minutes() {
        let rule = Rule::CheckTimeoutOverInter;
        let pool = |server: &str| pool("timeout check 1s", server);
        fires(rule, &pool("check inter 6h fall 100"), &[4]);
        fires(rule, &pool("check inter 21s"), &[4]);
        quiet(rule, &pool("check inter 20s"));
        quiet(rule, &pool("check inter 30s fall 2"));
        quiet(rule, &pool("inter 6h"));
        fires(rule, &pool("check inter 6h fall \"${F}\""), &[4]);
        quiet(rule, &pool("check inter 30s fall \"${F}\""));
        fires(rule, &pool("check inter 1s fastinter 10m fall 2"), &[4]);
        quiet(rule, &pool("check inter 1s fastinter 10m fall 1 rise 1"));
        quiet(rule, &pool("check inter 50s fastinter 1s"));
        fires(rule, &pool("check inter 1s downinter 10m"), &[4]);
        quiet(rule, &pool("check inter 1s downinter 59s"));
        fires(rule, &pool("check inter 1s rise 61"), &[4]);
        quiet(rule, &pool("check inter 1s downinter \"${D}\""));
    }
}
