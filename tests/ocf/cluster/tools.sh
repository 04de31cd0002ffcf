#!/bin/sh
# Stand-in for the tools of a Pacemaker cluster, under each of their names. It answers as those of 2.1.5 do, from
# and to the attribute store beside it: nodes, values and faults are files (tests/ocf/cluster.rs). Called as
# ROOT/NODE/sbin/TOOL, it is what TOOL is on NODE.
set -eu

tool=${0##*/}
here=${0%/sbin/*}
node=${here##*/}
store=${here%/*}/store

# The statuses of Pacemaker (include/crm/common/results.h).
usage=64
no_such=105

printf '%s %s%s\n' "$node" "$tool" "${*:+ $*}" >>"$store/calls"

if [ -e "$here/faults/$tool" ]; then
    read -r fault status <"$here/faults/$tool"
    # Whoever hangs ends with the folder.
    [ "$fault" != hang ] || { cd "$here" && exec sleep 1000; }
    echo "$tool: Could not connect: Connection refused" >&2
    exit "$status"
fi

name='' of='' what='' value='' quiet='' lifetime='' type=''
resource=${OCF_RESOURCE_INSTANCE:-}
# The argument of an option, which follows it or stands behind its equals sign.
take() {
    argument=$2
    used=2
    case $1 in --*=*)
        argument=${1#*=}
        used=1
        ;;
    esac
}
while [ $# -gt 0 ]; do
    used=1
    case $1 in
    --name | -n | --name=*)
        # crm_node tells the name of the node it runs on.
        if [ "$tool" = crm_node ]; then what=name; else
            take "$1" "${2:-}"
            name=$argument
        fi
        ;;
    --node | -N | --uname | -U | --node=*) take "$1" "${2:-}" && of=$argument ;;
    # Only an option of the cluster is asked for by its type, and none is set here.
    --type | -t | --type=*) take "$1" "${2:-}" && type=$argument ;;
    --lifetime | -l | --lifetime=*) take "$1" "${2:-}" && lifetime=$argument ;;
    --update | -v | --update=*) take "$1" "${2:-}" && what=update value=$argument ;;
    --resource | -r | --resource=*) take "$1" "${2:-}" && resource=$argument ;;
    --get-parameter | -g | --scope | -o) take "$1" "${2:-}" && name=$argument ;;
    --promotion=*) name=master-${1#*=} ;;
    --promotion) name=master-$resource ;;
    --query | -Q | -G | --get-value) what=query ;;
    --delete | -D) what=delete ;;
    --quiet | -q) quiet=yes ;;
    --partition | -p) what=partition ;;
    --quorum) what=quorum ;;
    '-$' | --version) what=version ;;
    --no-children) name=root ;;
    --modify | -M) name=modify ;;
    --xml-text | -X) take "$1" "${2:-}" && value=$argument ;;
    --private | --meta) ;;
    *)
        echo "$tool: the stand-in does not know $1" >&2
        exit "$usage"
        ;;
    esac
    shift "$used"
done

# Sets the id of a node, its place among the nodes.
find_node() {
    id=0
    while read -r known; do
        id=$((id + 1))
        [ "$known" != "$1" ] || return 0
    done <"$store/nodes"
    return 1
}

# Whoever reads sees the old value or the new one.
write() {
    printf '%s' "$2" >"$1.$$"
    mv "$1.$$" "$1"
}

# The value of a file, also of one that vanishes.
read_value() {
    value=''
    read -r value <"$1" || [ -n "$value" ]
} 2>/dev/null

# A permanent attribute of a node, in the CIB.
permanent() {
    if ! find_node "${of:=$node}"; then
        echo "crm_attribute: Could not map name=$of to a UUID" >&2
        exit "$no_such"
    fi
    file=$store/permanent/$of/$name
    case $what in
    update)
        [ -d "${file%/*}" ] || mkdir "${file%/*}"
        write "$file" "$value"
        ;;
    delete)
        [ ! -e "$file" ] || echo "Deleted nodes attribute: id=nodes-$id-$name name=$name"
        rm -f "$file"
        ;;
    query)
        if ! read_value "$file"; then
            echo "crm_attribute: Error performing operation: No such device or address" >&2
            exit "$no_such"
        fi
        [ -n "$quiet" ] || printf 'scope=nodes  name=%s value=' "$name"
        printf '%s\n' "$value"
        ;;
    *) exit "$usage" ;;
    esac
}

# What the daemon of attributes keeps in memory. An update comes to a node after as many looks as `store/delay`
# says, and with it all that was told before: every node sees every update in one order.
private() {
    : "${of:=$node}"
    file=$store/private/$of/$name
    case $what in
    update | delete)
        [ -d "$store/private/$of" ] || mkdir "$store/private/$of"
        if [ -e "$store/delay" ]; then
            rm -f "$store/unseen/$of-$name.before"
            [ ! -e "$file" ] || cp "$file" "$store/unseen/$of-$name.before"
            read -r left <"$store/delay"
            echo "$(date +%s%N) $left" >"$store/unseen/$of-$name"
        fi
        write "$file" "$value"
        ;;
    query)
        if [ -e "$store/unseen/$of-$name" ]; then
            shown=0
            read -r told left <"$store/unseen/$of-$name"
            # How often this node has looked since.
            mine=$store/unseen/$of-$name.$node
            known=''
            [ ! -e "$mine" ] || read -r known more <"$mine"
            [ "$known" != "$told" ] || left=$more
            [ ! -e "$store/unseen/$node" ] || read -r shown <"$store/unseen/$node"
            if [ "$told" -gt "$shown" ] && [ "$left" -gt 0 ]; then
                echo "$told $((left - 1))" >"$mine"
                file=$store/unseen/$of-$name.before
            elif [ "$told" -gt "$shown" ]; then
                echo "$told" >"$store/unseen/$node"
            fi
        fi
        # Without a value for this node, an empty one; an attribute of no node at all is unknown.
        if ! read_value "$file" && ! ls "$store"/private/*/"$name" >/dev/null 2>&1; then
            echo "Could not query value of $name: attribute does not exist" >&2
            exit "$no_such"
        fi
        printf 'name="%s" host="%s" value="%s"\n' "$name" "$of" "$value"
        ;;
    *) exit "$usage" ;;
    esac
}

nodes_section() {
    echo '<nodes>'
    id=0
    while read -r of; do
        id=$((id + 1))
        attributes=''
        for file in "$store/permanent/$of"/*; do
            name=${file##*/}
            ! read_value "$file" || attributes="$attributes
      <nvpair id=\"nodes-$id-$name\" name=\"$name\" value=\"$value\"/>"
        done
        # A set whose last attribute was deleted stays.
        if [ ! -d "$store/permanent/$of" ]; then
            printf '  <node id="%s" uname="%s"/>\n' "$id" "$of"
            continue
        fi
        printf '  <node id="%s" uname="%s">\n    <instance_attributes id="nodes-%s"' "$id" "$of" "$id"
        if [ -z "$attributes" ]; then
            printf '/>\n'
        else
            printf '>%s\n    </instance_attributes>\n' "$attributes"
        fi
        printf '  </node>\n'
    done <"$store/nodes"
    echo '</nodes>'
}

case $tool in
crm_attribute)
    if [ "$type" = crm_config ]; then
        echo "crm_attribute: Error performing operation: No such device or address" >&2
        exit "$no_such"
    fi
    # Values that end with the node's membership are kept as the daemon of attributes keeps them.
    if [ "$lifetime" = reboot ]; then private; else permanent; fi
    ;;
crm_master)
    name=master-$resource
    permanent
    ;;
attrd_updater) private ;;
crm_node)
    case $what in
    name) echo "$node" ;;
    partition)
        while read -r of; do
            printf '%s ' "$of"
        done <"$store/partition"
        echo
        ;;
    # More than half of the nodes.
    quorum)
        all=$(grep -c . "$store/nodes")
        here_are=$(grep -c . "$store/partition")
        echo $((here_are * 2 > all))
        ;;
    *) exit "$usage" ;;
    esac
    ;;
# Of the clone's meta attributes, the one that agents look for.
crm_resource) [ "$name" = notify ] && echo true ;;
cibadmin) case $name in
    root)
        read_value "$store/admin_epoch" || value=0
        printf '<cib admin_epoch="%s" epoch="1" num_updates="0"/>\n' "$value"
        ;;
    modify) write "$store/admin_epoch" "$(echo "$value" | sed 's/.*admin_epoch="\([0-9]*\)".*/\1/')" ;;
    nodes) nodes_section ;;
    resources) cat "$here/resources" ;;
    *) exit "$usage" ;;
    esac ;;
pacemakerd) printf 'Pacemaker 2.1.5\nWritten by nobody: a stand-in\n' ;;
esac
