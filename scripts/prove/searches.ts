/**
 * Everything that can be searched, by name: the plans of a pool, and those of a whole system.
 */
import type { CompleteModel } from "../../src/proof/model/model.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { systemModel } from "../../src/proof/system/system-model.ts"
import { deep, quick, slow } from "../../test/proof/plans.ts"
import { deep as deepSystems, quick as quickSystems } from "../../test/proof/system/system-plans.ts"

export interface Search {
  readonly name: string
  readonly of: "core" | "system"
  /** Whether it is searched only when it is asked for by its name. */
  readonly isSlow: boolean
  /** Calls back with the model. Its states and moves concern nobody else. */
  readonly withModel: <Result>(
    act: <State, Move>(model: CompleteModel<State, Move>) => Result,
  ) => Result
}

const ofCore = [...quick, ...deep, ...slow].map((proof): Search => {
  const { name, plan, bounds } = proof
  const isSlow = slow.includes(proof)
  return { name, of: "core", isSlow, withModel: (act) => act(modelOf(plan, bounds)) }
})

const ofSystem = [...quickSystems, ...deepSystems].map(({ name, plan, bounds }): Search => {
  return {
    name: `system: ${name}`,
    of: "system",
    isSlow: false,
    withModel: (act) => act(systemModel(plan, bounds)),
  }
})

/** In the order of the table. */
export const searches: readonly Search[] = [...ofCore, ...ofSystem]
