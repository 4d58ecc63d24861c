/**
 * Signals to this process.
 */

/** Listens to a signal; where the runtime does not know it, nothing ever comes. @returns ends the listening. */
export function onSignal(signal: string, listener: (signal: string) => void): () => void {
  const heard = (): void => listener(signal)
  try {
    process.on(signal, heard)
  } catch {
    return () => undefined
  }
  return () => void process.off(signal, heard)
}
