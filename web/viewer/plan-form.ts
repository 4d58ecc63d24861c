/**
 * A form with the figures of a plan, to replay a recording with others. What is empty is off, where that is possible.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import { make } from "../dom.ts"

/** A figure that can be changed. */
interface Field {
  readonly name: keyof Plan
  readonly label: string
  readonly canBeOff?: boolean
  /** Whether workers report what it is about only where it is on: without that, nothing can be said. */
  readonly needsReports?: boolean
}

const fields: readonly Field[] = [
  { name: "respawnLimit", label: "respawnLimit" },
  { name: "respawnIntervalMs", label: "respawnInterval, ms" },
  { name: "timeoutMs", label: "timeout, ms" },
  { name: "startTimeoutMs", label: "startTimeout, ms", canBeOff: true },
  { name: "heartbeatTimeoutMs", label: "heartbeatTimeout, ms", canBeOff: true, needsReports: true },
  { name: "stopDelayMs", label: "stopDelay, ms" },
  { name: "minReadyMs", label: "reload.minReadyTime, ms" },
  { name: "maxMemoryBytes", label: "recycle.maxMemory, bytes", canBeOff: true, needsReports: true },
  { name: "maxRequests", label: "recycle.maxRequests", canBeOff: true, needsReports: true },
]

/** @param onChange gets the plan as the form has it. */
export function planForm(plan: Plan, onChange: (plan: Plan) => void): HTMLElement {
  let current = plan
  const controls = fields.map(({ name, label, canBeOff = false, needsReports = false }) => {
    const value = plan[name]
    const isMute = needsReports && value === false
    const input = make("input", {
      type: "number",
      min: 0,
      step: 1,
      name,
      disabled: isMute,
      value: typeof value === "number" && value !== Infinity ? value : "",
      placeholder: isMute ? "it was off, so nothing is known" : canBeOff ? "off" : "no limit",
      oninput: () => {
        if (!input.reportValidity()) return
        const number = input.value === "" ? (canBeOff ? false : Infinity) : Number(input.value)
        current = { ...current, [name]: number }
        onChange(current)
      },
    })
    return make("label", {}, label, input)
  })
  return make("div", { class: "fields" }, ...controls)
}
