/** What clients keep open does not keep a worker from ending. */
import { freePort } from "./harness/ports.ts"
import { answerClose, follow, goingAway, hold, upgradeTo } from "./harness/held.ts"
import { expect, fixture, type Program, stopsWith, test } from "./harness/program.ts"

type Start = (fixture: string, options: { readonly args: string[] }) => Program

async function serving(start: Start): Promise<{ program: Program; http: number; tcp: number }> {
  const [http, tcp] = [await freePort(), await freePort()]
  const program = start(fixture("held.ts"), { args: [String(http), String(tcp)] })
  await program.untilPrinted("ready")
  return { program, http, tcp }
}

test("a WebSocket is told that the server is going away, and ends when its client answers", async ({
  start,
}) => {
  const { program, http } = await serving(start)
  const socket = hold(http, upgradeTo("websocket"), answerClose)
  await program.untilPrinted("upgrade websocket")
  await stopsWith(program, 0)
  const { bytes } = await socket
  expect(bytes.slice(-6)).toEqual([...goingAway, 0x88, 0])
  expect(program.stderr).toBe("")
})

test("a WebSocket whose client does not answer is cut after closeTimeout, in one line", async ({
  start,
}) => {
  const { program, http } = await serving(start)
  const sockets = [1, 2].map(() => hold(http, upgradeTo("websocket")))
  await program.untilPrinted("upgrade websocket", 2)
  await stopsWith(program, 0)
  await Promise.all(sockets)
  expect(program.stderr).toMatch(
    /^\[kamisama\] warn: worker 1 \(pid \d+\): closed .* 1\.5 s after the stop .*: 2 WebSockets\n$/,
  )
})

test("an event stream is ended, and the program may write to it once more", async ({ start }) => {
  const { program, http } = await serving(start)
  const stream = follow(http, "/events")
  await program.untilPrinted("request /events")
  await stopsWith(program, 0)
  expect(await stream).toBe("ended")
  expect(program.lines).toContain("stream closed")
  expect(program.stderr).toBe("")
})

test.for([
  ["a head that was sent in part", "GET / HT"],
  ["a connection that sends nothing", ""],
  [
    "an upload whose answer did not wait for it",
    "POST /early HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nx",
  ],
])("%s does not hold the stop", async ([, sent = ""], { start }) => {
  const { program, http } = await serving(start)
  const held = hold(http, sent)
  const answer = follow(http, "/1")
  await program.untilPrinted("request /1")
  if (sent.includes("early")) await program.untilPrinted("request /early")
  await stopsWith(program, 0)
  await held
  expect(await answer).toBe("ended")
  expect(program.stderr).toBe("")
})

test("pipelined requests that have begun are all answered", async ({ start }) => {
  const { program, http } = await serving(start)
  const request = (path: number): string => `GET /${path} HTTP/1.1\r\nHost: here\r\n\r\n`
  const held = hold(http, [1, 2, 3, 4, 5].map(request).join(""))
  await program.untilPrinted("request /5")
  await stopsWith(program, 0)
  const { text } = await held
  expect(text.match(/answer \/\d/g)).toEqual([1, 2, 3, 4, 5].map((path) => `answer /${path}`))
  expect(text.match(/Connection: close/gi)).toHaveLength(1)
})

test("a tunnel and a silent TCP connection are cut after closeTimeout", async ({ start }) => {
  const { program, http, tcp } = await serving(start)
  const held = [hold(http, upgradeTo("other")), hold(tcp, "echo")]
  await program.untilPrinted("upgrade other")
  await stopsWith(program, 0)
  await Promise.all(held)
  expect(program.stderr).toMatch(/1 tunnel, 1 connection|1 connection, 1 tunnel/)
})
