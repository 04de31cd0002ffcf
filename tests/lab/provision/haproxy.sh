#!/bin/bash
# Sends writers to the primary (5432) and readers to the standbys (5433), on any host: haproxy.sh cluster.env
# With `haproxy.sh cluster.env psql` or `daemon`, for another way of checking than the file's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Prints a listen block: its name, port, and the lines that tell whether a server belongs to it.
listen() {
    local name=$1 port=$2
    echo
    echo "listen $name"
    echo "    bind           *:$port"
    if [ "$name" = stdby ]; then
        echo '    balance        leastconn'
    fi
    echo '    option         tcp-check'
    echo '    tcp-check      connect port 5431'
    printf '    tcp-check      %s\n' "${@:3}"
    if [ ${#ended[@]} -gt 0 ]; then
        printf '    %s\n' "${ended[@]}"
    fi
    echo "    default-server $pace on-marked-down shutdown-sessions"
    local server
    for server in $(servers); do
        echo "    server         $server $server:$pgport check"
    done
}

# HAProxy 3.0 and 3.1 keep a session for ever that on-marked-down ends while it connects, unless something filters what
# clients send: docs/reference/lint.md.
ended=()
case $(haproxy -v) in
*" version "3.[01][.-]*)
    ended=(
        'filter         bwlim-in no-limit default-limit 1g default-period 1s'
        # Without this the filter is there and does nothing.
        'tcp-request    content set-bandwidth-limit no-limit'
    )
    ;;
esac

# As `pgsql-state generate haproxy` has them by the profiles of these names.
case ${PACE:?} in
classic)
    pace='inter 2s fastinter 1s rise 2 fall 1'
    patience=1s
    connect=('retries 3' 'timeout connect 10s')
    ;;
fast)
    pace='inter 300ms fastinter 100ms rise 1 fall 2'
    patience=250ms
    # Who connects before a dead server is missed waits for all of it: a standby's WAL receiver, too.
    connect=('retries 2' 'option redispatch' 'timeout connect 3s')
    ;;
esac

case ${2:-${CHECK:?}} in
psql)
    standby=('expect string standby')
    primary='expect rstring (production|shutting.down)'
    ;;
daemon)
    # A standby that lags gets no new session and keeps those it has (HAProxy calls that NOLB).
    standby=('expect rstring ^(standby|lagging)' 'expect !string lagging error-status L7OKC')
    # A primary that shuts down still sends its last WAL, up to the shutdown checkpoint.
    primary='expect rstring ^(production|down.shutting-down)'
    ;;
esac

{
    cat <<END
global
    log          /dev/log local0
    user         haproxy
    group        haproxy
    maxconn      4000
    stats socket /run/haproxy/admin.sock mode 660 level admin

defaults
    mode    tcp
    log     global
    option  tcplog
    maxconn 2000
    timeout client  10m
    timeout server  10m
    timeout check   $patience
END
    printf '    %s\n' "${connect[@]}"
    listen prod 5432 'expect string production'
    listen stdby 5433 "${standby[@]}"
    case ${REPLICATION:?} in
    own)
        listen replication 5435 "$primary"
        ;;
    track)
        echo
        echo 'listen replication'
        echo '    bind           *:5435'
        for server in $(servers); do
            echo "    server         $server $server:$pgport track prod/$server"
        done
        ;;
    esac
    cat <<'END'

listen stats
    mode http
    bind *:7000
    stats enable
    stats uri /
    timeout connect 15s
    timeout client  15s
    timeout server  15s
END
} >/etc/haproxy/haproxy.cfg

haproxy -c -q -f /etc/haproxy/haproxy.cfg
systemctl enable --quiet haproxy.service
systemctl restart haproxy.service
