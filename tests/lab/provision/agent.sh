#!/bin/bash
# Readies this server for the resource agent that is to run its instance: agent.sh cluster.env
# With `agent.sh cluster.env ocf:PROVIDER:TYPE`, for another agent than the file's. pgsql-state's own is put where
# Pacemaker looks for agents whenever it is there, so that the one can take the place of the other.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

agent=${2:-${AGENT:?}}
program=${FILES:?}/bin/pgsqlms
if [ -e "$program" ]; then
    install -D --mode=755 "$program" /usr/lib/ocf/resource.d/pgsql-state/pgsqlms
fi

case $agent in
ocf:heartbeat:pgsqlms)
    "$provision/settle.sh" "$1"
    ;;
ocf:pgsql-state:pgsqlms)
    if [ ! -e "$program" ]; then
        echo "There is no $program to run the instances." >&2
        exit 1
    fi
    if [ -e /etc/systemd/system/pgsql-settle.service ]; then
        systemctl disable --quiet pgsql-settle.service
    fi
    ;;
*)
    echo "AGENT is \"ocf:heartbeat:pgsqlms\" or \"ocf:pgsql-state:pgsqlms\", not \"$agent\"." >&2
    exit 1
    ;;
esac

if [ -n "${RECORDING:-}" ]; then
    "$provision/record.sh" "$1" on
fi
