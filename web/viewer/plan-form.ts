/**
 * A form with the figures of a plan, to replay a recording with others. What is empty is off, where that is possible.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import { make } from "../dom.ts"

/** What can be changed, with its words and whether it can be off. */
const fields = [
  ["respawnLimit", "respawnLimit", false],
  ["respawnIntervalMs", "respawnInterval, ms", false],
  ["timeoutMs", "timeout, ms", false],
  ["startTimeoutMs", "startTimeout, ms", true],
  ["heartbeatTimeoutMs", "heartbeatTimeout, ms", true],
  ["stopDelayMs", "stopDelay, ms", false],
  ["minReadyMs", "reload.minReadyTime, ms", false],
  ["maxMemoryBytes", "recycle.maxMemory, bytes", true],
  ["maxRequests", "recycle.maxRequests", true],
] as const satisfies readonly (readonly [keyof Plan, string, boolean])[]

/** @param onChange gets the plan as the form has it. */
export function planForm(plan: Plan, onChange: (plan: Plan) => void): HTMLElement {
  let current = plan
  const controls = fields.map(([name, label, canBeOff]) => {
    const value = plan[name]
    const input = make("input", {
      type: "number",
      min: 0,
      name,
      value: value === false ? "" : value === Infinity ? "" : value,
      placeholder: canBeOff ? "off" : value === Infinity ? "no limit" : "",
      oninput: () => {
        const number = input.value === "" ? (canBeOff ? false : Infinity) : Number(input.value)
        current = { ...current, [name]: number }
        onChange(current)
      },
    })
    return make("label", {}, label, input)
  })
  return make("div", { class: "fields" }, ...controls)
}
