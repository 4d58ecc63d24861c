/**
 * The colors and patterns of a timeline. What is done has a pattern besides its color, so that it can be told apart without colors.
 */
import { type Colors, colors } from "../../src/proof/timeline/colors.ts"
import type { Doing } from "./chart.ts"

/** How a span is filled besides its color. */
export type Pattern =
  "plain" | "rising" | "falling" | "crossed" | "level" | "upright" | "dotted" | "empty"

/** How something that is done looks. */
export interface Look extends Colors {
  readonly pattern: Pattern
}

export const looks: { readonly [doing in Doing]: Look } = {
  booting: { ...colors.booting, pattern: "dotted" },
  loaded: { ...colors.loaded, pattern: "level" },
  starting: { ...colors.starting, pattern: "rising" },
  ready: { ...colors.ready, pattern: "plain" },
  stopping: { ...colors.stopping, pattern: "falling" },
  killed: { ...colors.killed, pattern: "crossed" },
  waiting: { ...colors.waiting, pattern: "empty" },
  finished: { ...colors.finished, pattern: "upright" },
  running: { light: ["#e3ebe6", "#24522f"], dark: ["#22302a", "#cfe6d3"], pattern: "plain" },
  reloading: { ...colors.starting, pattern: "rising" },
  upgrading: { light: ["#c5b8f0", "#2d1f66"], dark: ["#5b4a9c", "#ece7fd"], pattern: "level" },
  delayed: { light: ["#f7dd9a", "#4d3800"], dark: ["#7d6319", "#fff3d1"], pattern: "falling" },
  done: { light: ["#8b96a3", "#fff"], dark: ["#5a6570", "#fff"], pattern: "upright" },
}

/** The paper and what is written on it. */
export interface Paper {
  readonly background: string
  readonly ink: string
  readonly dim: string
  readonly line: string
  readonly accent: string
  readonly wrong: string
}

export const papers: { readonly light: Paper; readonly dark: Paper } = {
  light: {
    background: "#ffffff",
    ink: "#1c2127",
    dim: "#5f6974",
    line: "#dfe3e8",
    accent: "#0b5cad",
    wrong: "#c4005f",
  },
  dark: {
    background: "#14181d",
    ink: "#e4e8ec",
    dim: "#95a0ab",
    line: "#2c333b",
    accent: "#7cc0ff",
    wrong: "#ff5fa8",
  },
}
