//! Describes the agent's requirements on PostgreSQL, its environment variables, and its files.

use super::super::page::Page;

pub(super) fn configuration(page: &mut Page) {
    page.section("CONFIGURATION OF POSTGRESQL").text(
        "Set up replication before Pacemaker: `pgsql-state generate postgresql` and `pgsql-state generate pg-hba` \
        print the settings below. Nothing else may start the server (`systemctl disable postgresql`), or stop one that \
        Pacemaker manages.",
    );
    for (what, about) in [
        (
            "`primary_conninfo`",
            "contains `application_name=`NODE, the node's name as `crm_node --name` prints it (this may be left out if `cluster_name` \
            is that name), and connects to whichever server is the primary. It may name a service (`service=`), from \
            `~/.pg_service.conf` of the server's user or from the system's file; a service that does not exist is refused",
        ),
        (
            "`recovery_target_timeline`",
            "is `latest`, which is the default",
        ),
        (
            "`hot_standby`",
            "is on: a standby that accepts no connections cannot be distinguished from one that hangs",
        ),
        ("`wal_level`", "is `replica` or `logical`"),
        (
            "`restart_after_crash`",
            "is off: Pacemaker decides what to do after a crash",
        ),
        (
            "`wal_keep_size`, an archive, or slots with `max_slot_wal_keep_size`",
            "allow a standby to catch up after an absence. The agent manages no slots",
        ),
        (
            "`pg_hba.conf`",
            "admits the role `system_user` to the database `postgres` on the Unix socket without a password (`peer`), allows \
            replication from the other nodes, and rejects replication from the node itself, before all other rules",
        ),
    ] {
        page.item(what, about);
    }
    page.paragraph(
        "Without a virtual IP, `primary_conninfo` contains all other nodes, with `target_session_attrs=read-write`, or the \
        HAProxy on its own host. `wal_retrieve_retry_interval` (5 s) is the time until a standby tries to connect \
        again; with 200 ms, as `pgsql-state generate postgresql` writes it, it follows a new primary sooner. A HAProxy in between must not close replication connections while a \
        primary shuts down: a separate listen block, as `pgsql-state generate haproxy` prints it, keeps them open.",
    );
}

pub(super) fn files(page: &mut Page) {
    page.section("FILES");
    for (path, about) in [
        (
            "`DATADIR/standby.signal`",
            "created before each start; PostgreSQL removes it when it is promoted. A server is also started with \
            `-c data_directory=DATADIR` and with an empty `recovery_target`, `recovery_target_lsn`, `recovery_target_name`, \
            `recovery_target_time`, `recovery_target_xid` and `promote_trigger_file`, so that none that was left over ends its replay \
            or promotes it",
        ),
        (
            "`/var/log/postgresql/pgsqlms-RSC.log`",
            "messages of the server during its start, until it has opened its own log; in the data directory if \
            `system_user` may not write here",
        ),
        (
            "`/run/resource-agents/pgsqlms-RSC.lock`",
            "locked while the agent starts, stops, promotes or demotes the server, so that `pgsql-state keeper` does not report \
            that the server ends meanwhile; in the folder of `HA_RSCTMP` if that is set. Only root may open the file, so that nobody else's \
            lock counts. An action that cannot lock it logs a warning and goes on",
        ),
        ("`/usr/lib/ocf/resource.d/pgsql-state/pgsqlms`", "the agent"),
    ] {
        page.item(path, about);
    }
}

pub(super) fn environment(page: &mut Page) {
    page.section("ENVIRONMENT").text(
        "Pacemaker sets these variables. Those of PostgreSQL's own tools, such as `PGHOST`, have no effect.",
    );
    for (name, about) in [
        ("`OCF_RESKEY_`PARAMETER", "a parameter"),
        (
            "`OCF_RESOURCE_INSTANCE`",
            "the name of the resource, with which the names of attributes end; required",
        ),
        (
            "`OCF_RESKEY_CRM_meta_timeout`",
            "the timeout of the operation, in milliseconds",
        ),
        (
            "`OCF_RESKEY_CRM_meta_interval`",
            "the interval of a monitor; 0 for the first one on a node (a probe)",
        ),
        (
            "`OCF_RESKEY_CRM_meta_on_node`",
            "the name of the node; without it the agent asks `crm_node --name`",
        ),
        (
            "`OCF_RESKEY_CRM_meta_notify_…`",
            "the changes in progress, with `notify=true`",
        ),
        (
            "`HA_SBIN_DIR`",
            "the folder of Pacemaker's programs (`/usr/sbin`)",
        ),
        (
            "`HA_RSCTMP`",
            "the folder of the lock file (`/run/resource-agents`)",
        ),
        (
            "`HA_LOGFACILITY`, `HA_LOGFILE`, `HA_DEBUGLOG`, `HA_debug`, `HA_LOGTAG`, `HA_DATEFMT`",
            "destination and format of the log, as for OCF agents written in shell",
        ),
    ] {
        page.item(name, about);
    }
}
