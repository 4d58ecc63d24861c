/**
 * What a platform is prepared with where only the plan matters.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import type { PrimarySettings } from "../../src/platform/platform.ts"

export function primarySettings(plan: Plan): PrimarySettings {
  return {
    plan,
    scheduling: undefined,
    stdin: false,
    killTree: true,
    compileCache: true,
    logFormat: "plain",
    workerOutput: undefined,
  }
}
