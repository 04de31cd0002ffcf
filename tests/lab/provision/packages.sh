#!/bin/bash
# Installs what a host of the cluster runs, and starts nothing: packages.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

case $distribution in
debian)
    # Debian starts a service as soon as it is installed, unless this file forbids it.
    policy=/usr/sbin/policy-rc.d
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    # It also makes an instance "main" with the first PostgreSQL; ours is made by postgresql.sh.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/pgsql-cluster.conf
    export DEBIAN_FRONTEND=noninteractive
    apt-get --quiet=2 update
    apt-get --quiet=2 --option Dpkg::Use-Pty=0 install --no-install-recommends "${packages[@]}"
    ;;
rocky)
    dnf --quiet --assumeyes install dnf-plugins-core epel-release
    dnf --quiet config-manager --set-enabled highavailability
    # Without a module there is the one that the distribution has by itself.
    [ -z "$PG_VERSION" ] || dnf --quiet --assumeyes module enable "postgresql:$PG_VERSION"
    dnf --quiet --assumeyes install "${packages[@]}"
    ;;
esac

systemctl disable "${unwanted[@]}" haproxy.service corosync.service pacemaker.service
