/** Clients that send a message over a WebSocket, wait for the echo, and connect again if the server goes away. */
import WebSocket from "ws"
import { startAll } from "./report.mjs"

/** Codes of a close that the server has announced. */
const announced = new Set([1000, 1001])

export function startClients({ port, clients }) {
  return startAll(clients, async (report, hasEnded) => {
    while (!hasEnded() && report.refused === 0) await converse(port, report, hasEnded)
  })
}

function converse(port, report, hasEnded) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    let isOpen = false
    socket.on("open", () => {
      isOpen = true
      socket.send("hello")
    })
    socket.on("message", () => {
      report.answered += 1
      if (hasEnded()) socket.close(1000)
      else setTimeout(() => socket.readyState === WebSocket.OPEN && socket.send("hello"), 20)
    })
    socket.on("error", ({ code, message }) => {
      if (code === "ECONNREFUSED") report.refused += 1
      else if (code === "ECONNRESET" && !isOpen) report.reset += 1
      else report.lost.push(message)
    })
    socket.on("close", (code) => {
      if (isOpen && !announced.has(code)) report.lost.push(`closed with ${code}`)
      resolve()
    })
  })
}
