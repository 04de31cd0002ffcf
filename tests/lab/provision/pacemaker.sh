#!/bin/bash
# Tells Pacemaker what to run, once, on any server when all are online: pacemaker.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Pacemaker takes some 20 s to agree on who coordinates.
online="Online: [ $(servers | paste -sd ' ') ]"
deadline=$((SECONDS + 90))
until crm_mon --one-shot 2>&1 | grep --quiet --fixed-strings "$online"; do
    if [ $SECONDS -gt $deadline ]; then
        echo "After 90 s Pacemaker does not say \"$online\"." >&2
        exit 1
    fi
    sleep 0.2
done

# Everything is prepared in a file and handed over at once.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cib=$folder/cib.xml
pcs cluster cib "$cib"

pcs -f "$cib" resource defaults update migration-threshold=5 resource-stickiness=10
pcs -f "$cib" property set stonith-enabled=true

read -ra fencing <<<"${FENCING:?}"
pcs -f "$cib" stonith create fence "${fencing[@]}" \
    pcmk_host_list="$(servers | paste -sd ' ')" pcmk_host_check=static-list op monitor interval=60s

pcs -f "$cib" resource create pgsqld "${AGENT:?}" \
    bindir="$pgbin" pgdata="$pgdata" pghost="$pgsocket" pgport="$pgport" \
    op start timeout=60s op stop timeout=60s \
    op promote timeout=30s op demote timeout=120s \
    op monitor interval=15s timeout=10s role=Promoted \
    op monitor interval=16s timeout=10s role=Unpromoted \
    op notify timeout=60s \
    promotable notify=true

pcs cluster cib-push "$cib" --config
