#!/bin/sh
# Makes a directory, prints its name, and once standard input ends removes it again, together with
# every process that works in it. The harness holds the other end of standard input: it ends when the
# harness says so, and also when the harness is killed, by whatever signal.
set -eu

# A process is ours when its working directory is below ours; nothing else tells it as surely once
# its parent is gone. PostgreSQL's processes work in their data directory.
working() {
    find /proc -mindepth 2 -maxdepth 2 -name cwd \
        \( -lname "$directory" -o -lname "$directory/*" \) -printf '%h\n' 2>/dev/null |
        sed 's,^/proc/,,'
}

# A postmaster that was killed leaves a shared memory segment, named at the end of line 7 of its
# postmaster.pid.
free_segments() {
    find "$directory" -name postmaster.pid -type f -size -64k 2>/dev/null | while read -r file; do
        segment=$(sed -n '7s/.* //p' "$file")
        [ -z "$segment" ] || ipcrm --shmem-id "$segment" 2>/dev/null || :
    done
}

trap '' HUP INT QUIT TERM PIPE
cd /
directory=$(mktemp --directory /tmp/pgs-XXXXXX)
chmod 755 "$directory"
# The harness may be gone already.
printf '%s\n' "$directory" 2>/dev/null || :
exec >/dev/null
cat >/dev/null

rounds=0
while pids=$(working) && [ -n "$pids" ] && [ "$rounds" -lt 200 ]; do
    # shellcheck disable=SC2086 # one word a process
    kill -KILL $pids 2>/dev/null || :
    sleep 0.02
    rounds=$((rounds + 1))
done
free_segments
rm -rf "$directory"
