#!/bin/bash
# Has another resource agent run the instances, and stops none of them: exchange.sh cluster.env ocf:PROVIDER:TYPE,
# once, on any server, when agent.sh has readied all of them. The clone has one definition for all nodes, so
# that they change hands together; node by node only the agent's file can be installed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

IFS=: read -r class provider type <<<"${2:?the agent, ocf:PROVIDER:TYPE}"

# Whatever fails, the cluster must not be left to itself.
trap 'pcs property set maintenance-mode=false' EXIT
pcs property set maintenance-mode=true
crm_resource --wait --timeout=60

# pcs cannot change the agent of a resource.
cibadmin --modify --scope=resources --xml-text "<clone id=\"pgsqld-clone\">
    <primitive id=\"pgsqld\" class=\"$class\" provider=\"$provider\" type=\"$type\"/></clone>"
# Pacemaker would stop and start an instance that it knows from another agent. It is to forget what that one
# told, and to ask the new one what runs where.
crm_resource --refresh --resource=pgsqld
crm_resource --wait --timeout=60

trap - EXIT
pcs property set maintenance-mode=false
crm_resource --wait --timeout=60
