#!/bin/bash
# Lets Pacemaker have machines switched off and on by the machine that runs them: fencing.sh cluster.env
set -euo pipefail
# shellcheck source=/dev/null
. "${1:?the file of variables, cluster.env}"
agent=${FENCING%% *}
key=$(dirname "$0")/fence_key

if command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --option Dpkg::Use-Pty=0 \
        install --no-install-recommends fence-agents openssh-client
else
    dnf --quiet --assumeyes install "fence-agents-${agent#fence_}" openssh-clients
fi

if [ ! -e "$key" ]; then
    echo "There is no vagrant/fence_key; make one with ssh-keygen, as vagrant/README.md says." >&2
    exit 1
fi
install --mode=600 "$key" /etc/pgsql-cluster.key
