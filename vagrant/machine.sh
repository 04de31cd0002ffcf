#!/bin/bash
# Prepares a virtual machine, whatever its box brings, for what the lab's scripts take for granted:
# machine.sh cluster.env
set -euo pipefail

# Rocky 9: HAProxy and PostgreSQL use the three-node example's ports here, which its policy does not know.
if command -v setenforce >/dev/null && [ "$(getenforce)" = Enforcing ]; then
    setenforce 0
    sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config
fi
if systemctl --quiet is-active firewalld.service; then
    systemctl --quiet disable --now firewalld.service
fi
