import type { Worker as ClusterWorker } from "node:cluster"
import { EventEmitter } from "node:events"
import { Socket } from "node:net"
import { beforeEach, describe, expect, test } from "vitest"
import {
  type ClusterChannel,
  clusterChannelOf,
} from "../../../src/platform/node/cluster-channel.ts"

/** A child process in which a message has no effect. */
class Child extends EventEmitter {
  readonly pid = 7
  send = (..._given: readonly unknown[]): boolean => true

  /** Answers to a message with a handle, as Node does. */
  confirm(...how: readonly ("ACK" | "NACK")[]): void {
    for (const each of how) this.emit("internalMessage", { cmd: `NODE_HANDLE_${each}` })
  }
}

const handle = {}

describe("onLost()", () => {
  let child: Child
  let channel: ClusterChannel
  let lost: unknown[]

  beforeEach(() => {
    child = new Child()
    child.on("internalMessage", () => undefined)
    channel = clusterChannelOf({ process: child } as unknown as ClusterWorker)
    lost = []
    channel.onLost(({ seq }) => lost.push(seq))
  })

  function hand(seq: number): void {
    child.send({ cmd: "NODE_CLUSTER", act: "newconn", seq }, handle)
  }

  test("calls back with the message whose handle did not arrive, and no other", () => {
    for (const seq of [1, 2, 3]) hand(seq)
    child.confirm("ACK", "NACK", "ACK")
    expect(lost).toEqual([2])
  })

  test("does not take messages without a handle for some with one", () => {
    child.send({ cmd: "NODE_CLUSTER", seq: 1 })
    hand(2)
    child.confirm("NACK")
    expect(lost).toEqual([2])
  })

  test("counts the handles of the program, a socket as often as Node sends it", () => {
    child.send({ mine: true }, handle)
    child.send({ mine: true }, new Socket())
    hand(3)
    child.confirm("NACK", "NACK", "NACK", "NACK", "NACK")
    expect(lost).toEqual([])
    child.confirm("NACK")
    expect(lost).toEqual([3])
  })

  test("is at the next handle once a socket has arrived after all", () => {
    child.send({ mine: true }, new Socket())
    hand(2)
    child.confirm("NACK", "ACK", "NACK")
    expect(lost).toEqual([2])
  })
})
