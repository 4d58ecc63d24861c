/** What the fixture ports.ts is told by its first argument. */
import type { ListenOptions } from "node:net"

export interface PortSettings {
  readonly options: { readonly [name: string]: unknown }
  readonly listen?: ListenOptions & { readonly fd?: number }
  /** A file with the port, read by each worker. */
  readonly file?: string
  /** A port for each slot. */
  readonly bySlot?: readonly number[]
  /** Whether each worker first removes the file of the unix socket. */
  readonly removesFile?: boolean
}
