/**
 * The moments that stand above a timeline, and durations in words. Pure.
 */

/** Steps that people can read: ms, seconds, minutes, hours, days. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 172_800_000, 604_800_000, 2_592_000_000,
]

/** The moments of a scale from one moment to another that is so many pixels away. */
export function ticksOf(from: number, to: number, width: number): readonly number[] {
  const least = ((to - from) / width) * 90
  const step = steps.find((one) => one >= least) ?? 2_592_000_000
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

/** A time of the day: `20:03:15`. @param ms since the epoch, as if the clock here were that of UTC. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, ms % 1_000 === 0 ? 19 : 23)
}

/** A moment from the beginning on: `340 ms`, `12.5 s`, `3:05 min`, `2:10:00 h`, `4 d 02:00`. */
export function momentText(ms: number): string {
  const sign = ms < 0 ? "−" : ""
  const all = Math.abs(ms)
  if (all < 1_000) return `${sign}${Math.round(all)} ms`
  if (all < 60_000) return `${sign}${Math.round(all / 10) / 100} s`
  const [days, hours, minutes, seconds] = [
    Math.floor(all / 86_400_000),
    Math.floor(all / 3_600_000) % 24,
    Math.floor(all / 60_000) % 60,
    Math.floor(all / 1_000) % 60,
  ]
  const two = (value: number): string => String(value).padStart(2, "0")
  if (days > 0) return `${sign}${days} d ${two(hours)}:${two(minutes)}`
  if (hours > 0) return `${sign}${hours}:${two(minutes)}:${two(seconds)} h`
  return `${sign}${minutes}:${two(seconds)} min`
}
