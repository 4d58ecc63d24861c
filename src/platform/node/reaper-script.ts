/**
 * The program of the reaper, for any POSIX shell: `sh -c reaperScript kamisama-reaper <timeout in ms> <signal>
 * <pids of the workers> <pid of the primary>`. The last argument is only for people who read a list of processes.
 *
 * It reads a line for each further worker that starts (`+ pid`) or ends (`- pid`). The end of its input means that the
 * primary is dead. It then sends the signal to the remaining workers, checks until they have ended, and kills them when their
 * time is over. It checks often, and forgets those that have ended. A process id that was reused is therefore never killed,
 * because that does not happen between two checks. A signal to the whole group, session or process tree must not end it, so
 * it ignores every signal that can be ignored.
 *
 * More time passes between two checks than it sleeps, above all on a busy machine. It therefore reads the time if the system
 * provides it. A suspended machine counts as at most 2 s.
 */
export const reaperScript: string = `
trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU
left=" $3 "
while read -r sign pid; do
  case $sign in
    +) left="$left$pid " ;;
    -) case $left in *" $pid "*) left="\${left%%" $pid "*} \${left#*" $pid "}" ;; esac ;;
  esac
done
for pid in $left; do kill -"$2" "$pid"; done 2>/dev/null
clock() {
  read -r up rest 2>/dev/null </proc/uptime || return 1
  hundredths=\${up#*.}
  now=$((\${up%.*} * 1000 + \${hundredths#0} * 10))
}
waited=0
clock && before=$now
while
  alive=
  for pid in $left; do kill -0 "$pid" && alive="$alive $pid"; done 2>/dev/null
  left=$alive
  [ -n "$left" ] && [ "$waited" -lt "$1" ]
do
  passed=100
  sleep 0.1 2>/dev/null || { sleep 1; passed=1000; }
  clock && passed=$((now - before)) && before=$now
  [ "$passed" -le 2000 ] || passed=2000
  waited=$((waited + passed))
done
for pid in $left; do kill -KILL "$pid"; done 2>/dev/null
`
