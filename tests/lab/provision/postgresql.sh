#!/bin/bash
# Makes this host's instance, and leaves it stopped; Pacemaker is to start it. On the first server:
# `postgresql.sh cluster.env first` makes it and lets it run, so that the others can copy it;
# `postgresql.sh cluster.env copy` on the others; `postgresql.sh cluster.env stop` on the first at the end.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

pg_ctl() {
    as_postgres "$pgbin/pg_ctl" --silent --pgdata="$pgdata" --wait "$@"
}

# How this host's standby reaches whichever host is the primary. PAF knows a standby by its
# application_name, the name of its node.
primary_conninfo() {
    case ${REPLICATION:?} in
    prod) echo "host=127.0.0.1 port=5432" ;;
    own | track) echo "host=127.0.0.1 port=5435" ;;
    direct)
        # Not to itself: pg_hba.conf rejects that, and libpq tries no further server after a rejection.
        echo "host=$(servers | grep --invert-match --line-regexp "$me" | paste -sd ,) port=$pgport" \
            target_session_attrs=read-write \
            "connect_timeout=2 tcp_user_timeout=5000 keepalives_idle=2 keepalives_interval=1 keepalives_count=3"
        ;;
    esac
}

# The settings of this host, and who may connect. They stand outside the data folder, whose
# postgresql.conf includes them.
write_configuration() {
    mkdir -p "$pgconf"
    # The disk for data may be a fresh one.
    [ -d "$(dirname "$pgdata")" ] || install --directory --owner=postgres --group=postgres "$(dirname "$pgdata")"
    cat >"$pgconf/server.conf" <<END
listen_addresses = '*'
port = $pgport
unix_socket_directories = '$pgsocket'
hba_file = '$pgconf/pg_hba.conf'
cluster_name = '$me'

primary_conninfo = '$(primary_conninfo) user=postgres application_name=$me'
# What a standby that was away may still fetch; there are no slots.
wal_keep_size = '1GB'
hot_standby = on
# A former primary can be turned round with pg_rewind.
wal_log_hints = on

# To the journal: what Pacemaker starts has nowhere else to write.
log_destination = 'syslog'
syslog_ident = 'postgres'
log_replication_commands = on
END
    if [ "${SYNC:-0}" != 0 ]; then
        echo "synchronous_standby_names = 'ANY $SYNC (*)'" >>"$pgconf/server.conf"
    fi
    # A standby whose HAProxy still takes its own host for the primary must not replicate from itself.
    cat >"$pgconf/pg_hba.conf" <<END
local replication all                     reject
host  replication all $me                 reject
host  replication all 127.0.0.1/32        reject
host  replication all ::1/128             reject
host  replication all $NETWORK            trust
local all         all                     peer
host  all         all 127.0.0.1/32        trust
host  all         all $NETWORK            trust
END
}

write_configuration
case ${2:?first, copy or stop} in
first)
    as_postgres "$pgbin/initdb" --pgdata="$pgdata" --data-checksums --encoding=UTF8 --locale=C >/dev/null
    echo "include '$pgconf/server.conf'" >>"$pgdata/postgresql.conf"
    # Nothing waits for a standby yet.
    pg_ctl start --log=/dev/null --options='-c synchronous_standby_names='
    # The role of the daemon, known by its operating system user (peer).
    as_postgres "$pgbin/psql" --quiet --no-psqlrc --host="$pgsocket" --port="$pgport" postgres <<'END'
CREATE ROLE "pgsql-state" LOGIN;
GRANT pg_monitor TO "pgsql-state";
END
    ;;
copy)
    rm -rf "$pgdata"
    as_postgres "$pgbin/pg_basebackup" --pgdata="$pgdata" --checkpoint=fast --wal-method=stream \
        --dbname="host=${3:-$first} port=$pgport user=postgres"
    ;;
stop)
    pg_ctl stop --mode=fast
    ;;
esac
