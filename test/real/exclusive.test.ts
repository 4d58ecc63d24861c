/** The leader: one worker at a time, whatever happens to it. */
import { freePort } from "./harness/ports.ts"
import { expect, fixture, test } from "./harness/program.ts"

test("one worker at a time is the leader until it ends, through crashes and reloads", async ({
  start,
}) => {
  const program = start(fixture("exclusive.ts"), { args: [String(await freePort())] })
  await program.untilPrinted("ready")
  await program.untilPrinted("only", 1)
  const [first = 0] = program.workerPids()
  program.signal("SIGKILL", first)
  await program.untilPrinted("only", 2)
  for (let count = 1; count <= 2; count += 1) {
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished", count)
    await program.untilPrinted("only", 2 + count)
  }
  program.signal("SIGTERM")
  expect((await program.untilExit()).code).toBe(0)
  const holders = program.lines.filter((line) => line.startsWith("only"))
  expect(holders.map((line) => line.split(" ")[1])).toEqual(["1", "1", "1", "1"])
  // The log has it in the order in which the primary saw it: an end before the next beginning.
  const grants: string[] = []
  for (const entry of program.log) {
    if (entry.kind === "command" && entry.command.type === "grant-leadership") {
      grants.push(`grant ${entry.command.worker.incarnation}`)
    } else if (entry.kind === "event" && entry.event.type === "worker-exited") {
      grants.push(`exit ${entry.event.worker.incarnation}`)
    }
  }
  const [one, two, three, four] = holders.map((line) => line.split("#")[1])
  expect(grants.filter((line) => !line.startsWith("exit"))).toEqual(
    [one, two, three, four].map((incarnation) => `grant ${incarnation}`),
  )
  for (const [before, after] of [
    [one, two],
    [two, three],
    [three, four],
  ]) {
    expect(grants.indexOf(`exit ${before}`)).toBeLessThan(grants.indexOf(`grant ${after}`))
  }
})
