/** What npm makes commands for Windows with. It has no types. */
declare module "cmd-shim" {
  /** Writes files that run a script: for cmd with the ending `.cmd`. */
  export default function cmdShim(from: string, to: string): Promise<void>
}
