/**
 * Listens to signals to this process.
 */

/** Listens to a signal. Does nothing if the runtime does not know it. @returns removes the listener. */
export function onSignal(signal: string, listener: (signal: string) => void): () => void {
  const heard = (): void => listener(signal)
  try {
    process.on(signal, heard)
  } catch {
    return () => undefined
  }
  return () => void process.off(signal, heard)
}
