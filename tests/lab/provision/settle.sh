#!/bin/bash
# PAF cannot take over an instance that died with its host: its probe finds a failed one, whose stop
# fails too, so that the host is fenced again and again. This has such an instance recover at boot,
# before Pacemaker comes, and stop cleanly. It never accepts a write: it recovers as a standby.
# pgsql-state's agent needs none of that. agent.sh makes a unit of it where PAF is to run the instances, by
# `settle.sh cluster.env`; the unit calls `settle.sh cluster.env now`.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

if [ "${2:-}" != now ]; then
    cat >/etc/systemd/system/pgsql-settle.service <<END
[Unit]
Description=Clean end for a PostgreSQL instance that died with this host
Before=corosync.service pacemaker.service
After=network-online.target systemd-tmpfiles-setup.service
RequiresMountsFor=$provision $pgdata

[Service]
Type=oneshot
ExecStart=$provision/settle.sh $1 now
TimeoutStartSec=60

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
    systemctl enable --quiet pgsql-settle.service
    exit
fi

if [ ! -e "$pgdata/PG_VERSION" ]; then
    exit
fi
state=$(LC_ALL=C "$pgbin/pg_controldata" "$pgdata" | sed -n 's/^Database cluster state: *//p')
case $state in
"shut down" | "shut down in recovery")
    exit
    ;;
esac
echo "The instance died while it was \"$state\"; it recovers as a standby now."
as_postgres touch "$pgdata/standby.signal"
as_postgres "$pgbin/pg_ctl" --silent --pgdata="$pgdata" --wait --timeout=50 --log=/dev/null start
as_postgres "$pgbin/pg_ctl" --silent --pgdata="$pgdata" --wait --mode=fast stop
