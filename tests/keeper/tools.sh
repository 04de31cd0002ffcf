#!/bin/sh
# Stand-in for the tools of Pacemaker, under each of their names: prints the CIB beside it, and writes down each command with
# the time since the host was booted. A file FAULT has one that the keeper gives fail or hang.
set -eu

here=${0%/*}
tool=${0##*/}
case $tool in
crm_node) echo srv1 ;;
cibadmin)
    [ -e "$here/cib.xml" ] || { echo "Could not connect: Connection refused" >&2 && exit 102; }
    echo cibadmin >>"$here/readings"
    exec cat "$here/cib.xml"
    ;;
*)
    read -r uptime _ </proc/uptime
    echo "$uptime $tool $*" >>"$here/calls"
    [ ! -e "$here/hang" ] || exec sleep 1000
    ;;
esac
