#!/bin/bash
# Has each call of this server's resource agent noted: record.sh cluster.env on|off
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

IFS=: read -r _ provider type <<<"${AGENT:?}"
agent=/usr/lib/ocf/resource.d/$provider/$type
case ${2:?on or off} in
on)
    [ -e "$agent.real" ] || cp "$agent" "$agent.real"
    install --mode=755 "$provision/recorder" "$agent.new"
    # Pacemaker must find an agent at every moment.
    mv "$agent.new" "$agent"
    ;;
off)
    [ ! -e "$agent.real" ] || mv "$agent.real" "$agent"
    ;;
esac
