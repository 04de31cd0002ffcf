#!/bin/bash
# Makes this host a node of the cluster, and starts Corosync and Pacemaker: corosync.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

{
    cat <<'END'
totem {
    version: 2
    cluster_name: pgsql
    transport: knet
    crypto_cipher: none
    crypto_hash: none
}

quorum {
    provider: corosync_votequorum
}

logging {
    to_syslog: yes
    to_logfile: no
}

nodelist {
END
    id=0
    for server in $SERVERS; do
        id=$((id + 1))
        cat <<END
    node {
        nodeid: $id
        name: ${server%%=*}
        ring0_addr: ${server#*=}
    }
END
    done
    echo '}'
} >/etc/corosync/corosync.conf

systemctl enable --quiet corosync.service pacemaker.service
systemctl start corosync.service pacemaker.service
