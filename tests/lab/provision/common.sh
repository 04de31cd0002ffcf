# shellcheck shell=bash disable=SC2034
# What every script here knows: the cluster's file of variables, this host's place in it, and where its
# distribution keeps things. Read with `. common.sh` by scripts that were called as `SCRIPT cluster.env`.
#
# cluster.env holds
#   SERVERS     hosts with a PostgreSQL, "srv1=10.20.30.51 srv2=10.20.30.52 …"; the first makes the cluster
#   CLIENTS     other hosts with a HAProxy, written the same way
#   NETWORK     the network of them all, "10.20.30.0/24"
#   PG_VERSION  major version of PostgreSQL; empty: the one that this distribution has
#   AGENT       resource agent of the instances, "ocf:heartbeat:pgsqlms" (PAF) or "ocf:pgsql-state:pgsqlms"
#   CHECK       what answers on port 5431: "daemon" (pgsql-state) or "psql" (a psql for each check)
#   PACE        how often HAProxy asks: "classic" (every 2 s) or "fast" (every 300 ms)
#   REPLICATION how a standby reaches the primary: "own" (a listen block of its own HAProxy, which does not
#               cut it off from a primary that shuts down), "prod" (as clients do, on port 5432), "track" (a
#               listen block that never cuts it off) or "direct" (all servers, one by one)
#   SYNC        0, or how many standbys must have a row before it is acknowledged
#   FENCING     the fence agent, and its parameters, as `pcs stonith create` takes them
#   FILES       folder with pgsql-state's systemd/ and bin/pgsql-state, for CHECK=daemon, and with bin/pgsqlms,
#               its resource agent
#   RECORDING   not empty: each call of the resource agent is noted from the first one (recorder)

# shellcheck source=/dev/null
. "${1:?the file of variables, cluster.env}"
: "${SERVERS:?}" "${CLIENTS=}" "${NETWORK:?}" "${PG_VERSION=}"
provision=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The one place that tells distributions apart.
distribution=$(. /etc/os-release && echo "$ID")
case $distribution in
debian)
    packages=(
        "postgresql${PG_VERSION:+-$PG_VERSION}" haproxy corosync pacemaker pacemaker-cli-utils pcs
        resource-agents resource-agents-paf
        systemd systemd-sysv dbus ncat socat nftables iproute2 iputils-ping procps
    )
    # Before packages.sh there is none.
    major=${PG_VERSION:-$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort --numeric-sort | tail -n 1)}
    pgbin=/usr/lib/postgresql/$major/bin
    pgdata=/var/lib/postgresql/$major/main
    # Units that come with the packages and are not wanted at boot: Pacemaker runs PostgreSQL, and pcs
    # only needs its daemon to set up other hosts.
    unwanted=(postgresql.service pcsd.service pcsd-ruby.service)
    ;;
rocky)
    packages=(
        postgresql-server haproxy corosync pacemaker pcs
        resource-agents resource-agents-paf
        nmap-ncat socat nftables iproute iputils procps-ng
    )
    pgbin=/usr/bin
    pgdata=/var/lib/pgsql/data
    unwanted=(postgresql.service pcsd.service pcsd-ruby.service)
    ;;
*)
    echo "These scripts know Debian and Rocky, not $distribution." >&2
    exit 1
    ;;
esac

# Configuration of this host's instance, outside its data: a base backup must not bring another host's.
pgconf=/etc/pgsql-cluster
pgsocket=/var/run/postgresql
pgport=5434

me=$(uname --nodename)
first=${SERVERS%%=*}

# Prints the names of servers, one a line.
servers() {
    printf '%s\n' "${SERVERS// /$'\n'}" | sed 's/=.*//'
}

# Runs a command as the owner of PostgreSQL, where its files may be read.
as_postgres() {
    (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@")
}
