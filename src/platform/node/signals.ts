/**
 * Listens to signals to this process, and knows their numbers.
 */

/** The functions as they are before the program's own listeners are kept apart (own-listeners.ts). */
const [on, off] = [process.on, process.off]

const ours = new WeakSet<Function>()

/** Listens to a signal. Does nothing if the runtime does not know it. @returns removes the listener. */
export function onSignal(signal: string, listener: (signal: string) => void): () => void {
  const heard = (): void => listener(signal)
  ours.add(heard)
  try {
    on.call(process, signal, heard)
  } catch {
    return () => undefined
  }
  return () => void off.call(process, signal, heard)
}

/** Whether a listener is one of kamisama. */
export function isOurListener(listener: Function): boolean {
  return ours.has(listener)
}

/** The number of a signal on this system. */
export function numberOf(signal: string): number | undefined {
  const { signals }: { readonly signals: { readonly [signal: string]: number | undefined } } =
    process.getBuiltinModule("node:os").constants
  return signals[signal]
}
