#!/bin/sh
# Runs a restore test and writes its outcome for the textfile collector of node_exporter, whole or not at all.
#
#   restore-test.sh [-d DIRECTORY] [-a SECONDS | -t INSTANT] BACKUP METHOD COMMAND [ARGUMENT...]
#
#   BACKUP      the set's name in the contract (scope.backups), such as pg-main
#   METHOD      full or partial: COMMAND really restores, and checks what proves the data;
#               verify: it restores nothing (borg extract --dry-run, a chunk check), listed and never counted
#   COMMAND     the restore and its check, one program: the test passed if it exits with 0
#   -d          the collector's directory, /var/lib/prometheus/node-exporter if left out
#   -a, -t      how old the restored data was when the test began, in seconds, or the instant it is of (epoch seconds)
#
# Exits as COMMAND did; 64 when it was called wrongly, 73 when the outcome cannot be written (asked before COMMAND runs).
# A test that is killed writes nothing: the one before stays, and grows old.
set -eu

directory=/var/lib/prometheus/node-exporter
age='' instant=''

fail() {
    status=$1
    shift
    printf 'restore-test.sh: %s\n' "$*" >&2
    exit "$status"
}

whole() {
    case $2 in
        '' | *[!0-9]*) fail 64 "$1 is '$2'; write a whole number of seconds" ;;
    esac
}

while getopts d:a:t: option; do
    case $option in
        d) directory=$OPTARG ;;
        a) age=$OPTARG && whole -a "$age" ;;
        t) instant=$OPTARG && whole -t "$instant" ;;
        *) fail 64 'write: restore-test.sh [-d DIRECTORY] [-a SECONDS | -t INSTANT] BACKUP METHOD COMMAND [ARGUMENT...]' ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 3 ] || fail 64 'a backup set, a method and a command are needed; the first lines of this file say how'
backup=$1 method=$2
shift 2
case $method in
    full | partial | verify) ;;
    *) fail 64 "method is '$method'; write full, partial or verify" ;;
esac
case $backup in
    '') fail 64 'the name of the backup set is empty; write it as the contract does' ;;
    *[[:cntrl:]]*) fail 64 'the name of the backup set holds a control character; write it as the contract does' ;;
esac
[ -z "$age" ] || [ -z "$instant" ] || fail 64 'write -a or -t, not both'

# A name of its own for each set and method: another test's outcome must stay. The sum tells apart what _ made equal.
plain=$(printf '%s' "$backup" | tr -c 'A-Za-z0-9.-' '_')
sum=$(printf '%s' "$backup" | cksum)
file=$directory/restore-test.$plain.${sum%% *}.$method.prom

# In the same directory, or the rename would copy; without .prom, or the collector would read half of it.
draft=$(mktemp "$directory/.restore-test.XXXXXX" 2>/dev/null) \
    || fail 73 "nothing can be written in $directory; the test was not run. Name the collector's directory with -d"
trap 'rm -f "$draft"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

began=$(date +%s)
[ -z "$instant" ] || [ "$instant" -le "$began" ] || fail 64 "-t $instant is to come; write the instant that the data is of"
status=0
"$@" || status=$?
ended=$(date +%s)

[ -z "$instant" ] || age=$((began - instant))
[ "$status" -eq 0 ] && success=1 || success=0
label=$(printf '%s' "$backup" | sed 's/\\/\\\\/g; s/"/\\"/g')
gauge() {
    printf '# HELP backup_restore_test_%s %s\n# TYPE backup_restore_test_%s gauge\n' "$1" "$2" "$1"
    printf 'backup_restore_test_%s{backup="%s",method="%s"} %s\n' "$1" "$label" "$method" "$3"
}
{
    gauge last_run_timestamp_seconds 'When the last restore test ended.' "$ended"
    gauge last_run_success '1 when it restored the data and its check passed.' "$success"
    gauge duration_seconds 'How long it took.' "$((ended - began))"
    [ -z "$age" ] || gauge data_age_seconds 'How old the restored data was when it began.' "$age"
} >"$draft" || fail 73 "the outcome cannot be written in $directory"
chmod 0644 "$draft"
mv -f "$draft" "$file" || fail 73 "the outcome cannot be written as $file"
exit "$status"
