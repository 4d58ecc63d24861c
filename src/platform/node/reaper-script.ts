/**
 * The program of the reaper, for any POSIX shell. It is told everything in its environment, because people read its arguments
 * in lists of processes:
 *
 * - `workers`: the process ids of the workers
 * - `primary`: the process id of the primary
 * - `signal`: what remaining workers are sent; `timeout`: how many ms they then have
 * - `mark`: what the environment of everything contains that the workers have started
 * - `session`: the session that all of it is in, and `since`: when the primary has started; empty if it is left alone
 * - `known`: some of it, each as `pid:start`; `grace`: how many ms it has once its worker has ended
 *
 * It reads a line for each further worker that starts (`+ pid`) or ends (`- pid`), and for each further known process
 * (`= pid:start …`). The end of its input means that the primary is dead. It then sends the signal to the remaining
 * workers, checks until they have ended, and kills them when their time is over. It checks often, and forgets those that
 * have ended. A process id that was reused is therefore never killed, because that does not happen between two checks. In
 * the end it looks for what the workers have left, and ends that as tree.ts does while the primary lives. A signal to the
 * whole group, session or process tree must not end it, so it ignores every signal that can be ignored.
 *
 * More time passes between two checks than it sleeps, above all on a busy machine. It therefore reads the time if the system
 * provides it. A suspended machine counts as at most 2 s.
 *
 * ../reaper-life.ts has the same decisions as plain data. A test holds the two against each other: change both.
 */
export const reaperScript: string = `
trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU

# Reads the state, parent, session and start of a process.
look() {
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${line##*') '}
  state=$1 parent=$2 in=$4 start=\${20}
  case $state in Z | X) return 1 ;; esac
}

marked() {
  while read -r line || [ -n "$line" ]; do
    case $line in *"$mark"*) return 0 ;; esac
  done <"/proc/$1/environ"
  return 1
} 2>/dev/null

# The files of processes that may be in the session.
near() {
  if command -v grep >/dev/null 2>&1; then grep -ls " $session " /proc/[0-9]*/stat
  else echo /proc/[0-9]*/stat
  fi
}

# Finds processes of the session, and all below them: given as pid:start, as the pid of a worker, or as all with the mark.
find() {
  found=
  [ -n "$session" ] || return 0
  all=
  for path in $(near); do
    pid=\${path#/proc/} pid=\${pid%/stat}
    [ "$pid" != "$primary" ] && look "$pid" || continue
    [ "$in" = "$session" ] && [ "$start" -ge "$since" ] || continue
    all="$all $pid,$parent,$start"
    case " $* " in
      *" $pid:$start "*) ;;
      *" $pid "* | *' all '*) marked "$pid" || continue ;;
      *) continue ;;
    esac
    found="$found $pid:$start"
  done
  before=-
  while [ "$before" != "$found" ]; do
    before=$found
    for entry in $all; do
      pid=\${entry%%,*} start=\${entry##*,} parent=\${entry#*,} parent=\${parent%,*}
      case "$found " in
        *" $pid:"*) ;;
        *" $parent:"*) found="$found $pid:$start" ;;
      esac
    done
  done
}

# Sends a signal to those of the given that live. Fails if there are none.
tell() {
  what=$1 none=1
  shift
  for one in "$@"; do
    look "\${one%:*}" && [ "$start" = "\${one#*:}" ] && kill -"$what" "\${one%:*}" && none=0
  done 2>/dev/null
  return $none
}

# Forgets those of the known that have ended.
forget() {
  kept=
  for one in $known; do
    look "\${one%:*}" && [ "$start" = "\${one#*:}" ] && kept="$kept $one"
  done
  known=$kept fresh=0
}

# Kills what is found. It is suspended first, so that it starts nothing in between.
destroy() {
  seen=-
  for round in 1 2 3 4 5 6 7 8 9 10; do
    find "$@"
    [ "$found" != "$seen" ] || break
    seen=$found
    tell STOP $found
  done
  tell KILL $found
}

clock() {
  read -r up rest 2>/dev/null </proc/uptime || return 1
  hundredths=\${up#*.}
  now=$((\${up%.*} * 1000 + \${hundredths#0} * 10))
}
start_waiting() {
  waited=0
  clock && last=$now
}
wait_a_moment() {
  passed=100
  sleep 0.1 2>/dev/null || { sleep 1; passed=1000; }
  clock && passed=$((now - last)) && last=$now
  [ "$passed" -le 2000 ] || passed=2000
  waited=$((waited + passed))
}

left=" $workers "
fresh=0
while read -r sign pid; do
  case $sign in
    +) left="$left$pid " ;;
    -) case $left in *" $pid "*) left="\${left%%" $pid "*} \${left#*" $pid "}" ;; esac ;;
    =)
      known="$known $pid" fresh=$((fresh + 1))
      [ "$fresh" -lt 100 ] || forget
      ;;
  esac
done
for pid in $left; do kill -"$signal" "$pid"; done 2>/dev/null
start_waiting
case $left in *[0-9]*)
  find all
  known="$known $found"
esac
while
  alive=
  for pid in $left; do kill -0 "$pid" && alive="$alive $pid"; done 2>/dev/null
  left=$alive
  [ -n "$left" ] && [ "$waited" -lt "$timeout" ]
do
  wait_a_moment
done
if [ -n "$left" ]; then
  for pid in $left; do kill -STOP "$pid"; done 2>/dev/null
  destroy $left
  for pid in $left; do kill -KILL "$pid"; done 2>/dev/null
fi
find all $known
[ -n "$found" ] || exit 0
known="$known $found"
tell TERM $found
tell CONT $found
start_waiting
while tell 0 $known && [ "$waited" -lt "$grace" ]; do wait_a_moment; done
destroy all $known
`
