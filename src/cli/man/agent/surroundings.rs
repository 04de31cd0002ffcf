//! What the agent needs of PostgreSQL, reads of its environment, and leaves in files.

use super::super::page::Page;

pub(super) fn configuration(page: &mut Page) {
    page.section("CONFIGURATION OF POSTGRESQL").text(
        "Replication is set up before Pacemaker is: `pgsql-state generate postgresql` and `pgsql-state generate pg-hba` \
         write what is below. Nothing else starts the server (`systemctl disable postgresql`), and nobody stops \
         one that Pacemaker manages.",
    );
    for (what, about) in [
        (
            "`primary_conninfo`",
            "has `application_name=`NODE, the node's name as `crm_node --name` prints it, or none where `cluster_name` \
             is that, and leads to whichever server is the primary. Up to PostgreSQL 11 it is in \
             `recovery_template`, with `standby_mode = on`, and has the name itself. A service (`service=`) may have it, in the \
             `~/.pg_service.conf` of the server's user or the system's file; one that is not there is refused",
        ),
        (
            "`recovery_target_timeline`",
            "is `latest`, as it is from PostgreSQL 12 on where nobody has changed it",
        ),
        (
            "`hot_standby`",
            "is on: a standby that lets nobody in cannot be told from one that hangs",
        ),
        ("`wal_level`", "is `replica` or `logical`"),
        (
            "`restart_after_crash`",
            "is off: what to do after a crash is Pacemaker's decision",
        ),
        (
            "`wal_keep_size`, an archive, or slots with `max_slot_wal_keep_size`",
            "let a standby that was away catch up. The agent manages no slots",
        ),
        (
            "`pg_hba.conf`",
            "lets the role `system_user` into the database `postgres` on the Unix socket without a password (`peer`), lets \
             the other nodes replicate, and rejects replication from the node itself, in front of all other rules",
        ),
    ] {
        page.item(what, about);
    }
    page.paragraph(
        "Without a virtual IP, `primary_conninfo` names all other nodes, with `target_session_attrs=read-write`, or the \
         HAProxy of its own host. `wal_retrieve_retry_interval` (5 s) is how long a standby waits until it tries \
         again; 1 s has it follow a new primary sooner. A HAProxy in between must not cut replication while a primary \
         shuts down: a listen block of its own, as `pgsql-state generate haproxy` writes it, keeps it.",
    );
}

pub(super) fn files(page: &mut Page) {
    page.section("FILES");
    for (path, about) in [
        (
            "`DATADIR/standby.signal`",
            "made before each start; PostgreSQL takes it away when it is promoted",
        ),
        (
            "`DATADIR/recovery.conf`",
            "up to PostgreSQL 11: a copy of `recovery_template`",
        ),
        (
            "`/var/log/postgresql/pgsqlms-RSC.log`",
            "what the server says while it starts, until it has opened its own log; in the data directory where \
             `system_user` may not write there",
        ),
        ("`/usr/lib/ocf/resource.d/pgsql-state/pgsqlms`", "the agent"),
    ] {
        page.item(path, about);
    }
}

pub(super) fn environment(page: &mut Page) {
    page.section("ENVIRONMENT").text(
        "As Pacemaker sets it. What PostgreSQL's own tools read, `PGHOST` and the like, plays no part.",
    );
    for (name, about) in [
        ("`OCF_RESKEY_`PARAMETER", "a parameter"),
        (
            "`OCF_RESOURCE_INSTANCE`",
            "the resource's name, which attributes end with; required",
        ),
        (
            "`OCF_RESKEY_CRM_meta_timeout`",
            "the time of the operation, in milliseconds",
        ),
        (
            "`OCF_RESKEY_CRM_meta_interval`",
            "of a monitor: 0 for the first one on a node",
        ),
        (
            "`OCF_RESKEY_CRM_meta_on_node`",
            "the node's name; without it `crm_node --name` is asked",
        ),
        (
            "`OCF_RESKEY_CRM_meta_notify_…`",
            "what is being changed, by `notify=true`",
        ),
        (
            "`HA_SBIN_DIR`",
            "where Pacemaker's programs are (`/usr/sbin`)",
        ),
        (
            "`HA_LOGFACILITY`, `HA_LOGFILE`, `HA_DEBUGLOG`, `HA_debug`, `HA_LOGD`, `HA_LOGTAG`, `HA_DATEFMT`",
            "where the log goes and how it looks, as for OCF's agents in shell",
        ),
    ] {
        page.item(name, about);
    }
}
