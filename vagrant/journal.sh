#!/bin/bash
# Gathers the journals of all hosts on the first client, in /var/log/journal/remote: journal.sh cluster.env
set -euo pipefail
# shellcheck source=/dev/null
. "${1:?the file of variables, cluster.env}"
: "${CLIENTS:?}"
sink=${CLIENTS%%=*}
units=/etc/systemd/system

if command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --option Dpkg::Use-Pty=0 \
        install --no-install-recommends systemd-journal-remote
else
    dnf --quiet --assumeyes install systemd-journal-remote
fi

if [ "$(uname --nodename)" = "$sink" ]; then
    mkdir -p "$units/systemd-journal-remote.service.d"
    # Without TLS: the network is the machines' own.
    cat >"$units/systemd-journal-remote.service.d/plain.conf" <<'END'
[Service]
ExecStart=
ExecStart=/lib/systemd/systemd-journal-remote --listen-http=-3 --output=/var/log/journal/remote/
END
    systemctl daemon-reload
    systemctl enable --quiet --now systemd-journal-remote.socket
else
    mkdir -p "$units/systemd-journal-upload.service.d"
    # It gives up when the sink is away, and goes on where it was when it is started again.
    cat >"$units/systemd-journal-upload.service.d/again.conf" <<END
[Unit]
StartLimitIntervalSec=0

[Service]
ExecStart=
ExecStart=/lib/systemd/systemd-journal-upload --save-state --url=http://$sink:19532
Restart=always
RestartSec=2s
END
    systemctl daemon-reload
    systemctl enable --quiet --now systemd-journal-upload.service
fi
