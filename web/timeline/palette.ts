/**
 * The colors and patterns of a timeline. What is done has a pattern besides its color, so that it can be told apart without colors.
 */
import type { Doing } from "./chart.ts"

/** How a span is filled besides its color. */
export type Pattern =
  "plain" | "rising" | "falling" | "crossed" | "level" | "upright" | "dotted" | "empty"

/** How something that is done looks. */
export interface Look {
  /** The fill and the text, in light and in dark. */
  readonly light: readonly [fill: string, ink: string]
  readonly dark: readonly [fill: string, ink: string]
  readonly pattern: Pattern
}

/** Those of the drawings: src/proof/timeline/draw-svg.ts. */
export const looks: { readonly [doing in Doing]: Look } = {
  booting: { light: ["#d5dbe3", "#3d4854"], dark: ["#3a434e", "#c3ccd6"], pattern: "dotted" },
  loaded: { light: ["#d9ecd9", "#24522f"], dark: ["#2f4a38", "#cfe6d3"], pattern: "level" },
  starting: { light: ["#a9cdf0", "#0b3a66"], dark: ["#1f5584", "#d6e9fb"], pattern: "rising" },
  ready: { light: ["#2f9e5b", "#ffffff"], dark: ["#2b8a50", "#ffffff"], pattern: "plain" },
  stopping: { light: ["#f2c14b", "#4d3800"], dark: ["#c18d12", "#1b1300"], pattern: "falling" },
  killed: { light: ["#c7372f", "#ffffff"], dark: ["#d9534b", "#ffffff"], pattern: "crossed" },
  waiting: { light: ["#ffffff", "#5b6672"], dark: ["#14181d", "#98a3af"], pattern: "empty" },
  finished: { light: ["#8a7cc4", "#ffffff"], dark: ["#7567b3", "#ffffff"], pattern: "upright" },
  running: { light: ["#e3ebe6", "#24522f"], dark: ["#22302a", "#cfe6d3"], pattern: "plain" },
  reloading: { light: ["#a9cdf0", "#0b3a66"], dark: ["#1f5584", "#d6e9fb"], pattern: "rising" },
  upgrading: { light: ["#c5b8f0", "#2d1f66"], dark: ["#5b4a9c", "#ece7fd"], pattern: "level" },
  delayed: { light: ["#f7dd9a", "#4d3800"], dark: ["#7d6319", "#fff3d1"], pattern: "falling" },
  done: { light: ["#8b96a3", "#ffffff"], dark: ["#5a6570", "#ffffff"], pattern: "upright" },
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
