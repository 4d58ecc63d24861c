/**
 * The colors of what a process does, or of a slot without one, in every drawing.
 */
import type { Doing } from "./timeline.ts"

/** The fill and the text, in light and in dark. */
export interface Colors {
  readonly light: readonly [fill: string, ink: string]
  readonly dark: readonly [fill: string, ink: string]
}

export const colors: { readonly [doing in Exclude<Doing, "nothing">]: Colors } = {
  booting: { light: ["#d5dbe3", "#3d4854"], dark: ["#3a434e", "#c3ccd6"] },
  loaded: { light: ["#d9ecd9", "#24522f"], dark: ["#2f4a38", "#cfe6d3"] },
  starting: { light: ["#a9cdf0", "#0b3a66"], dark: ["#1f5584", "#d6e9fb"] },
  ready: { light: ["#2f9e5b", "#fff"], dark: ["#2b8a50", "#fff"] },
  stopping: { light: ["#f2c14b", "#4d3800"], dark: ["#c18d12", "#1b1300"] },
  killed: { light: ["#c7372f", "#fff"], dark: ["#d9534b", "#fff"] },
  waiting: { light: ["#fff", "#5b6672"], dark: ["#14181d", "#98a3af"] },
  finished: { light: ["#8a7cc4", "#fff"], dark: ["#7567b3", "#fff"] },
}
