import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, test } from "vitest"
import { closeConnectionsAfterResponses } from "../../../src/platform/node/closing-connections.ts"

type Respond = (response: ServerResponse) => void

// The closing begins while each request is in flight. It begins for the whole process, and for good.
const ways: readonly (readonly [string, Respond])[] = [
  ["no headers", () => undefined],
  ["setHeader", (response) => void response.setHeader("Connection", "keep-alive")],
  ["an object", (response) => void response.writeHead(200, { connection: "keep-alive" })],
  ["a reason and an object", (response) => void response.writeHead(200, "Fine", head)],
  ["a list", (response) => void response.writeHead(200, ["X-A", "1", "Connection", "keep-alive"])],
  ["pairs", writePairs],
]

const head = { "x-a": "1", CONNECTION: "Keep-Alive" }

/** A form that Node takes and its types do not know. */
function writePairs(response: ServerResponse): void {
  const pairs: readonly (readonly [string, string])[] = [
    ["x-a", "1"],
    ["connection", "keep-alive"],
  ]
  response.writeHead(200, pairs as never)
}

async function ask(respond: Respond): Promise<IncomingMessage> {
  const server = createServer((_request, response) => {
    closeConnectionsAfterResponses()
    respond(response)
    response.end("done")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: "127.0.0.1", headers: { connection: "keep-alive" } }, resolve).on(
      "error",
      reject,
    )
  })
  response.resume()
  await new Promise((resolve) => server.close(resolve))
  return response
}

describe("closeConnectionsAfterResponses()", () => {
  test.each(ways)(
    "announces the end in a response that is written with %s",
    async (_what, respond) => {
      const { headersDistinct, statusCode } = await ask(respond)
      expect(statusCode).toBe(200)
      expect(headersDistinct["connection"]).toEqual(["close"])
    },
  )

  test("leaves the other headers as they were", async () => {
    const { headersDistinct, statusMessage } = await ask((response) => {
      response.setHeader("x-b", "2")
      response.writeHead(200, "Fine", { ...head, "set-cookie": ["a=1", "b=2"] })
    })
    expect(statusMessage).toBe("Fine")
    expect(headersDistinct).toMatchObject({
      "x-a": ["1"],
      "x-b": ["2"],
      "set-cookie": ["a=1", "b=2"],
    })
  })

  test("does not change the headers that it was given", async () => {
    const given = { connection: "keep-alive" }
    await ask((response) => response.writeHead(200, given))
    expect(given).toEqual({ connection: "keep-alive" })
  })
})
