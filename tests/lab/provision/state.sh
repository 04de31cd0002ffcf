#!/bin/bash
# Lets load balancers ask on port 5431 what this host's PostgreSQL is: state.sh cluster.env
# With `state.sh cluster.env psql` or `daemon`, in another way than the file's, instead of what was there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

units=/etc/systemd/system
if [ -e $units/pgsql-state.socket ]; then
    systemctl disable --quiet --now pgsql-state.socket
    systemctl stop 'pgsql-state*.service'
    rm -r $units/pgsql-state*
fi
check=${2:-${CHECK:?}}
case $check in
daemon)
    install -m 755 "${FILES:?}/bin/pgsql-state" /usr/bin/pgsql-state
    install -m 644 "$FILES/systemd/pgsql-state.socket" "$FILES/systemd/pgsql-state.service" \
        "$FILES/systemd/pgsql-state-quorum.service" "$FILES/systemd/pgsql-state-keeper.service" "$units/"
    install -m 644 "$FILES/systemd/pgsql-state.sysusers" /usr/lib/sysusers.d/pgsql-state.conf
    systemd-sysusers /usr/lib/sysusers.d/pgsql-state.conf
    install -d -m 750 -g pgsql-state /etc/pgsql-state
    install -m 640 -g pgsql-state /dev/stdin /etc/pgsql-state/pgsql-state.toml <<END
[postgres]
conninfo = "host=$pgsocket port=$pgport dbname=postgres"

[admission]
# Every host has a HAProxy that asks.
trusted = [$(for host in $SERVERS $CLIENTS; do printf '"%s", ' "${host#*=}"; done)]
END
    pgsql-state check-config
    ;;
psql)
    # The three-node example's pair of units: a process and a session for each check.
    cat >$units/pgsql-state.socket <<'END'
[Unit]
Description=Local PostgreSQL state

[Socket]
ListenStream=5431
Accept=yes

[Install]
WantedBy=sockets.target
END
    cat >$units/pgsql-state@.service <<END
[Unit]
Description=Local PostgreSQL state

[Service]
User=postgres
ExecStart=$pgbin/psql -h $pgsocket -p $pgport -Atc \\
  "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'production' END"
StandardOutput=socket
END
    ;;
*)
    echo "CHECK is \"daemon\" or \"psql\", not \"$check\"." >&2
    exit 1
    ;;
esac

systemctl daemon-reload
systemctl enable --quiet --now pgsql-state.socket
