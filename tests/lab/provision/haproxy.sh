#!/bin/bash
# Sends writers to the primary (5432) and readers to the standbys (5433), on any host: haproxy.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Prints a listen block: its name, port, the word that a server must say on 5431, and further lines.
listen() {
    local name=$1 port=$2 word=$3 line
    echo
    echo "listen $name"
    echo "    bind           *:$port"
    for line in "${@:4}"; do
        echo "    $line"
    done
    echo '    option         tcp-check'
    echo '    tcp-check      connect port 5431'
    echo "    tcp-check      expect string $word"
    echo '    default-server inter 2s fastinter 1s rise 2 fall 1 on-marked-down shutdown-sessions'
    local server
    for server in $(servers); do
        echo "    server         $server $server:$pgport check"
    done
}

{
    cat <<'END'
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
    retries 3
    maxconn 2000
    timeout connect 10s
    timeout client  10m
    timeout server  10m
    timeout check   1s
END
    listen prod 5432 production
    listen stdby 5433 standby 'balance        leastconn'
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
