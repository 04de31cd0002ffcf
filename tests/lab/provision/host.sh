#!/bin/bash
# Gives every host of the cluster a name on this one: host.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# The own name is the address in the cluster too, never 127.0.1.1: pg_hba.conf knows a host that
# replicates from itself by its name.
{
    echo '127.0.0.1 localhost'
    echo '::1 localhost'
    for host in $SERVERS $CLIENTS; do
        echo "${host#*=} ${host%%=*}"
    done
} >/etc/hosts
