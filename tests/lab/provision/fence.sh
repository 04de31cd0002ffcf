#!/bin/bash
# Installs the lab's fence agent where Pacemaker looks for agents: fence.sh cluster.env
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

install -m 755 "$provision/fence_lab" /usr/sbin/fence_lab
