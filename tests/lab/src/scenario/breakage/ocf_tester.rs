//! ocf-tester of resource-agents has the agent run an instance that is made for it, beside the cluster's:
//! it promotes it, so it must not be one of those.

use std::time::Duration;

use crate::error::Error;
use crate::program::complaint;
use crate::scenario::stage::{Played, Stage};

/// Each of its actions waits for PostgreSQL.
const LIMIT: Duration = Duration::from_secs(300);

/// `$1` is the agent, `$2` the name of its node. Everything is removed again, whatever comes of it. The description is
/// held against OCF 1.0, so what 1.1 brought is taken from it first.
const SCRIPT: &str = r#"
bin=$PG_BIN
data=/var/lib/postgresql/tester
own() { (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@"); }
clear() {
    own $bin/pg_ctl --silent --pgdata=$data --mode=immediate stop >/dev/null 2>&1
    rm -rf $data
    for name in master primary_end; do
        crm_attribute --node "$2" --lifetime forever --name $name-tester --delete >/dev/null 2>&1
    done
    for name in lsn_location nodes cancel_switchover primary_seen; do
        attrd_updater --name $name-tester --private --delete >/dev/null 2>&1
    done
}
trap 'clear "$@"; rm -rf "$lint"' EXIT
lint=$(mktemp --directory)
cat >"$lint/xmllint" <<'END'
#!/bin/sh
sed 's/ reloadable="[01]"//; /"reload-agent"/d' | /usr/bin/xmllint "$@"
END
chmod 755 "$lint/xmllint"
PATH=$lint:$PATH
install --directory --owner=postgres --mode=700 $data
own $bin/initdb --pgdata=$data >/dev/null 2>&1 || exit
cat >>$data/postgresql.conf <<END
port = 5439
listen_addresses = ''
unix_socket_directories = '/var/run/postgresql'
cluster_name = 'tester'
primary_conninfo = 'host=127.0.0.1 port=1 user=postgres application_name=$2'
END
feature=$(cibadmin --query | sed -n '1s/.*crm_feature_set="\([^"]*\)".*/\1/p')
ocf-tester -n tester -o crm_feature_set="$feature"     -o CRM_meta_on_node="$2" -o CRM_meta_notify=true     -o CRM_meta_master_max=1 -o CRM_meta_promoted_max=1 -o CRM_meta_clone_max=1     -o bindir=$bin -o pgdata=$data -o pghost=/var/run/postgresql -o pgport=5439     "$1" 2>&1
"#;

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let mut said = String::new();
    let played = stage.under_traffic(|_| {
        let words = [
            "bash",
            "-c",
            SCRIPT,
            "bash",
            stage.agent.path(),
            stage.standby.name(),
        ];
        let output = stage.on(stage.standby).try_within(LIMIT, &words)?;
        if !output.status.success() {
            let why = complaint(&output);
            return Err(Error::Unfit(format!("ocf-tester is not content: {why}")));
        }
        said = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(())
    })?;
    let last = said.lines().last().unwrap_or_default().to_owned();
    Ok(played.remark(last))
}
