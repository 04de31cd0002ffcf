//! The time and the processor's time of one monitor: the agent is called on a host with the variables that
//! Pacemaker 2.1 gives it, by a shell that does nothing else.

use std::time::Duration;

use crate::agent::Agent;
use crate::cluster::Role;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;

/// Calls of which one figure is made.
const CALLS: u32 = 20;

/// Longest that all of them may take.
const LIMIT: Duration = Duration::from_secs(120);

/// `$1` is the agent, `$2` the number of calls, `$3` and `$4` the role and the interval of the monitor. Prints
/// the microseconds of each call, and at the end the processor's seconds of all of them, user and system;
/// the shell's own forks are among them. The variables are those that a trace of Pacemaker 2.1.5 shows.
const SCRIPT: &str = r#"
. /lab/provision/common.sh /lab/cluster.env
feature_set=$(cibadmin --query | sed -n '1s/.*crm_feature_set="\([^"]*\)".*/\1/p')
log=/var/log/pacemaker/pacemaker.log
provider=${1%/*}
export LC_ALL=C PCMK_service=pacemaker-execd OCF_OUTPUT_FORMAT=text PCMK_mcp=true HA_mcp=true
export PCMK_debug=0 HA_debug=0 PCMK_logfacility=daemon HA_logfacility=daemon HA_LOGFACILITY=daemon
export PCMK_logfile=$log HA_logfile=$log HA_LOGFILE=$log PCMK_cluster_type=corosync HA_cluster_type=corosync
export OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1
export OCF_EXIT_REASON_PREFIX=ocf-exit-reason: OCF_RESOURCE_INSTANCE=pgsqld OCF_RESOURCE_TYPE=pgsqlms
export OCF_RESOURCE_PROVIDER=${provider##*/} OCF_RESKEY_crm_feature_set=$feature_set
export OCF_RESKEY_bindir=$pgbin OCF_RESKEY_pgdata=$pgdata OCF_RESKEY_pghost=$pgsocket OCF_RESKEY_pgport=$pgport
export OCF_RESKEY_CRM_meta_name=monitor OCF_RESKEY_CRM_meta_role=$3 OCF_RESKEY_CRM_meta_interval=$4
export OCF_RESKEY_CRM_meta_timeout=10000 OCF_RESKEY_CRM_meta_notify=true
export OCF_RESKEY_CRM_meta_on_node=$me OCF_RESKEY_CRM_meta_on_node_uuid=1
export OCF_RESKEY_CRM_meta_clone=0 OCF_RESKEY_CRM_meta_clone_max=3 OCF_RESKEY_CRM_meta_clone_node_max=1
export OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_CRM_meta_promoted_node_max=1
export OCF_RESKEY_CRM_meta_master_max=1 OCF_RESKEY_CRM_meta_master_node_max=1
export OCF_RESKEY_CRM_meta_globally_unique=false
TIMEFORMAT='%3U %3S'
"$1" monitor >/dev/null 2>&1
exec 2>&1
time for ((call = 0; call < $2; call++)); do
    begin=${EPOCHREALTIME/./}
    "$1" monitor >/dev/null 2>&1
    code=$?
    end=${EPOCHREALTIME/./}
    if [ $code != 8 ] && [ $code != 0 ]; then
        echo "the monitor returned $code"
    fi
    echo $((end - begin))
done
"#;

/// What calls of one kind take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The median of their times.
    pub(super) time: Duration,
    /// The mean of what they, and what they started, use of a processor.
    pub(super) cpu: Duration,
}

/// Has a host monitor its instance some times.
pub(super) fn monitor(lab: &Lab, agent: Agent, host: Host, role: Role) -> Result<Call, Error> {
    let number = CALLS.to_string();
    let (role, interval) = match role {
        Role::Primary => ("Promoted", "15000"),
        Role::Standby => ("Unpromoted", "16000"),
    };
    let call = [agent.path(), &number, role, interval];
    let words = [&["bash", "-c", SCRIPT, "bash"], call.as_slice()].concat();
    let text = lab.host(host).run_within(LIMIT, &words)?;
    parse(&text).ok_or_else(|| Error::Unfit(format!("the calls on {host} say {text:?}")))
}

/// Reads what the script prints; pure.
fn parse(text: &str) -> Option<Call> {
    let mut lines: Vec<&str> = text.lines().collect();
    let seconds: Option<Vec<f64>> = lines
        .pop()?
        .split_whitespace()
        .map(|word| word.parse().ok())
        .collect();
    let times: Option<Vec<u64>> = lines.iter().map(|line| line.parse().ok()).collect();
    let mut times = times?;
    times.sort_unstable();
    let number = u32::try_from(times.len()).ok()?;
    let all = Duration::try_from_secs_f64(seconds?.iter().sum()).ok()?;
    Some(Call {
        time: Duration::from_micros(*times.get(times.len() / 2)?),
        cpu: all.checked_div(number)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_the_median_of_its_times_and_the_mean_of_its_processor() {
        let call = parse("5000\n7000\n90000\n0.024 0.006\n").unwrap();
        assert_eq!(call.time, Duration::from_millis(7));
        assert_eq!(call.cpu, Duration::from_millis(10));
    }

    #[test]
    fn a_call_that_fails_is_no_figure() {
        assert_eq!(parse("the monitor returned 1\n5000\n0.1 0.1\n"), None);
        assert_eq!(parse("0.1 0.1\n"), None);
        assert_eq!(parse(""), None);
    }
}
