/**
 * Bugs that are planted in the script of the reaper, one at a time. Each says what is replaced by what, and what a user would
 * suffer from it. A text to be replaced occurs exactly once in the script. test/platform/node/reaper-script.test.ts finds each.
 */

export interface ReaperMutant {
  readonly find: string
  readonly replace: string
  readonly why: string
}

function mutant(find: string, replace: string, why: string): ReaperMutant {
  return { find, replace, why }
}

const reading: readonly ReaperMutant[] = [
  mutant('+) left="$left$pid "', '+) left="$left"', "a worker that was started later lives on"),
  mutant(
    'left="${left%%" $pid "*} ${left#*" $pid "}"',
    ":",
    "a process that has the process id of a worker that has ended is killed",
  ),
  mutant(
    'left="${left%%" $pid "*} ${left#*" $pid "}"',
    'left=" ${left#*" $pid "}"',
    "when a worker ends, those before it are forgotten, and live on",
  ),
  mutant(
    'left="${left%%" $pid "*} ${left#*" $pid "}"',
    'left="${left%" $pid "*} "',
    "when a worker ends, those after it are forgotten, and live on",
  ),
  mutant(
    "while read -r sign pid; do",
    'while read -r sign pid || [ -n "$sign" ]; do',
    "half a process id that the primary wrote as it died is taken for that of a worker, and a stranger is killed",
  ),
  mutant(
    'known="$known $pid" fresh',
    "fresh",
    "what workers were known to have started lives on if they had cleared its environment",
  ),
  mutant(
    "known=$kept fresh=0",
    "known= fresh=0",
    "in a pool that starts many processes, those that live are forgotten, and live on",
  ),
]

const waiting: readonly ReaperMutant[] = [
  mutant(
    'for pid in $left; do kill -"$signal" "$pid"; done 2>/dev/null\n',
    "",
    "workers are not asked to stop, and are killed in the middle of their requests",
  ),
  mutant(
    'kill -"$signal"',
    "kill -TERM",
    "workers that do not listen to SIGTERM die of it in the middle of their requests",
  ),
  mutant(
    '  find all\n  known="$known $found"\n',
    "",
    "what a worker has started lives on if it had cleared its environment and the worker ended",
  ),
  mutant(
    "  left=$alive\n",
    "",
    "a process that has the process id of a worker that has ended is killed",
  ),
  mutant('"$waited" -lt "$timeout"', '"$waited" -le "$timeout"', "workers are killed too late"),
  mutant(
    '[ -n "$left" ] && [ "$waited" -lt "$timeout" ]',
    '[ -n "$left" ]',
    "a blocked worker is never killed",
  ),
  mutant(
    '[ "$passed" -le 2000 ] || passed=2000\n',
    "",
    "after a machine was suspended, workers are killed at once",
  ),
  mutant("passed=2000", "passed=0", "a slow machine never kills a blocked worker"),
  mutant(
    "waited=$((waited + passed))",
    "waited=$((waited + 100))",
    "on a busy machine, workers are killed too late",
  ),
  mutant(
    "passed=$((now - last)) && last=$now",
    "passed=$((now - last))",
    "time counts again with each check, and workers are killed too early",
  ),
  mutant(
    "sleep 1; passed=1000;",
    "sleep 1;",
    "where sleep takes whole seconds and there is no clock, workers are killed ten times too late",
  ),
  mutant(
    " || { sleep 1; passed=1000; }",
    "",
    "where sleep takes whole seconds, it never sleeps: workers are killed at once, or a core is busy until then",
  ),
  mutant(
    "${hundredths#0}",
    "$hundredths",
    "08 is no number to a shell: the reaper ends, and blocked workers live on",
  ),
]

const killing: readonly ReaperMutant[] = [
  mutant(
    '  for pid in $left; do kill -STOP "$pid"; done 2>/dev/null\n',
    "",
    "a worker starts something while it is being killed, and that lives on",
  ),
  mutant(
    "  destroy $left\n",
    "",
    "what a killed worker has started is not killed with it: it has the whole grace",
  ),
  mutant(
    '  for pid in $left; do kill -KILL "$pid"; done 2>/dev/null\n',
    "",
    "a blocked worker is suspended, and stays so",
  ),
  mutant(
    '  destroy $left\n  for pid in $left; do kill -KILL "$pid"; done 2>/dev/null\n',
    '  for pid in $left; do kill -KILL "$pid"; done 2>/dev/null\n  destroy $left\n',
    "once the worker is dead, what it has started is no longer found below it, and lives on",
  ),
  mutant("    tell STOP $found\n", "", "what is to be killed starts another process in between"),
  mutant(
    '    [ "$found" != "$seen" ] || break\n',
    "    [ $round = 1 ] || break\n",
    "what was started right before its parent was suspended lives on",
  ),
  mutant("1 2 3 4 5 6 7 8 9 10;", "1 2;", "what starts processes quickly gets away"),
  mutant("  tell KILL $found\n", "", "what was to be killed is suspended, and stays so"),
]

const leaving: readonly ReaperMutant[] = [
  mutant(
    "find all $known\n[ -n",
    "find all\n[ -n",
    "what dead workers have started lives on if they had cleared its environment",
  ),
  mutant('[ -n "$found" ] || exit 0\n', "exit 0\n", "what workers have started lives on"),
  mutant(
    'exit 0\nknown="$known $found"\n',
    "exit 0\n",
    "what workers have left is killed at once, without its grace",
  ),
  mutant("tell TERM $found\n", "", "what workers have left is not asked to end, and is killed"),
  mutant("tell CONT $found\n", "", "what is suspended cannot end by itself, and is killed"),
  mutant(
    "tell CONT $found\nstart_waiting\n",
    "tell CONT $found\n",
    "the time that workers took is taken from the grace of what they have left",
  ),
  mutant(' && [ "$waited" -lt "$grace" ]', "", "what ignores SIGTERM is never killed"),
  mutant(
    '-lt "$grace"',
    '-lt "$timeout"',
    "what workers have left has another time than it should",
  ),
  mutant("tell 0 $known && ", "", "a reaper stays for the whole grace, whatever has ended"),
  mutant("destroy all $known\n", "", "what ignores SIGTERM lives on"),
  mutant("destroy all $known\n", "destroy all\n", "what ignores SIGTERM and has no mark lives on"),
  mutant("return $none", "return 0", "a reaper stays for the whole grace, whatever has ended"),
]

const searching: readonly ReaperMutant[] = [
  mutant(
    'look "${one%:*}" && [ "$start" = "${one#*:}" ] && kill -"$what"',
    'look "${one%:*}" && kill -"$what"',
    "a process that has the process id of one that has ended is killed",
  ),
  mutant("  case $state in Z | X) return 1 ;; esac\n", "", "a zombie is waited for"),
  mutant(
    "${line##*') '}",
    "${line#*') '}",
    "a process whose name has a parenthesis is not found, and lives on",
  ),
  mutant(
    "start=${20}",
    "start=$20",
    "nothing that workers have started is found, and all of it lives on",
  ),
  mutant('[ "$pid" != "$primary" ] && look', "look", "a primary that has let go is killed"),
  mutant('[ "$in" = "$session" ] && ', "", "a process that was detached on purpose is killed"),
  mutant(' && [ "$start" -ge "$since" ]', "", "a process that is older than the pool is killed"),
  mutant(
    '"$start" -ge "$since"',
    '"$start" -gt "$since"',
    "what was started in the moment of the primary lives on",
  ),
  mutant(
    '      *" $pid:$start "*) ;;\n',
    "",
    "what was known lives on if it has cleared its environment",
  ),
  mutant(
    'marked "$pid" || continue',
    "continue",
    "what a worker has started and never reported lives on",
  ),
  mutant(
    'marked "$pid" || continue',
    ":",
    "every process of the session is killed, even if it is none of the pool's",
  ),
  mutant(
    'while read -r line || [ -n "$line" ]; do',
    "while read -r line; do",
    "what a worker has started and never reported lives on if no line break follows its mark",
  ),
  mutant(
    '        *" $parent:"*) found="$found $pid:$start" ;;\n',
    "",
    "the children of what is killed live on",
  ),
  mutant(
    '*" $parent:"*',
    '*"$parent:"*',
    "a process is killed because the process id of its parent ends as another does",
  ),
]

export const reaperMutants: readonly ReaperMutant[] = [
  ...reading,
  ...waiting,
  ...killing,
  ...leaving,
  ...searching,
]
