//! What is left of an earlier trouble: nothing of it may be there once the cluster is whole.

use super::Cluster;
use crate::error::Error;
use crate::lab::On;

/// The private attributes with which agents elect, without `-pgsqld`.
const ELECTION: [&str; 6] = [
    "lsn_location",
    "lineage",
    "nodes",
    "cancel_switchover",
    "recover_master",
    "recover_primary",
];

impl Cluster<'_> {
    /// Whatever of a constraint, a failure, an election or a plan is left, in words. What Pacemaker has planned
    /// it may finish first.
    pub(crate) fn left_behind(self) -> Result<Vec<String>, Error> {
        let on = self.lab.host(self.primary()?);
        on.shell("crm_resource --wait --timeout=60 || true")?;
        let verify = "crm_verify --live-check --verbose 2>&1 || true";
        let mut left = told("crm_verify", &on.shell(verify)?);
        let simulated = on.run(&["crm_simulate", "--live-check", "--simulate"])?;
        left.extend(planned(&simulated));
        let constraints = "cibadmin --query --scope=constraints | grep '<rsc_location' || true";
        left.extend(told("constraint", &on.shell(constraints)?));
        let failures = "cibadmin --query | grep --only-matching 'name=\"fail-count-[^>]*' || true";
        left.extend(told("failure", &on.shell(failures)?));
        left.extend(election(on)?);
        Ok(left)
    }
}

fn election(on: On<'_>) -> Result<Vec<String>, Error> {
    let names = ELECTION.join(" ");
    // Fails where no node has it.
    let query = format!(
        "for name in {names}; do attrd_updater --query --all --name $name-pgsqld 2>/dev/null || true; done"
    );
    let said = on.shell(&query)?;
    let is_set = |line: &&str| line.contains("value=\"") && !line.contains("value=\"\"");
    let set: Vec<&str> = said.lines().filter(is_set).collect();
    Ok(told("attribute", &set.join("\n")))
}

fn told(what: &str, lines: &str) -> Vec<String> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("{what}: {line}")).collect()
}

/// What Pacemaker would do now, from its own simulation; pure.
fn planned(simulated: &str) -> Vec<String> {
    let summary = simulated
        .lines()
        .skip_while(|line| !line.starts_with("Transition Summary"))
        .skip(1);
    let actions = summary
        .take_while(|line| line.trim_start().starts_with('*'))
        .map(|line| line.trim_start_matches([' ', '*']));
    actions.map(|action| format!("plan: {action}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_what_the_summary_lists() {
        let simulated = "Current cluster status:\n  * Node List:\n    * Online: [ srv1 srv2 ]\n\n\
             Transition Summary:\n  * Demote     pgsqld:0  ( Promoted -> Unpromoted srv1 )\n\
             \nExecuting Cluster Transition:\n  * Resource action: pgsqld\n";
        assert_eq!(
            planned(simulated),
            ["plan: Demote     pgsqld:0  ( Promoted -> Unpromoted srv1 )"]
        );
        assert!(planned("Current cluster status:\n  * Node List:\n").is_empty());
    }
}
