/**
 * How one drawing of a timeline differs from another, for a person to read: rows of the same worker stand below each
 * other, with a sign below each column in which they differ. Decides which lines belong together.
 */

/** Every line: those of both, "-" what only the first has, "+" what only the second has. */
export function differencesOf(
  expected: readonly string[],
  actual: readonly string[],
): readonly string[] {
  const shared = commonLengths(expected, actual)
  const lines: string[] = []
  let [one, other] = [0, 0]
  for (;;) {
    const [first, second] = [expected[one], actual[other]]
    if (first === undefined && second === undefined) return lines
    if (first !== undefined && second !== undefined && nameOf(first) === nameOf(second)) {
      lines.push(...pair(first, second))
      one += 1
      other += 1
    } else if (
      second === undefined ||
      (first !== undefined && (shared[one + 1]?.[other] ?? 0) >= (shared[one]?.[other + 1] ?? 0))
    ) {
      lines.push(`- ${first}`)
      one += 1
    } else {
      lines.push(`+ ${second}`)
      other += 1
    }
  }
}

function pair(expected: string, actual: string): string[] {
  if (expected === actual) return [`  ${actual}`]
  const both = [`- ${expected}`, `+ ${actual}`]
  if (!expected.startsWith("worker")) return both
  const signs = Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) =>
    expected[index] === actual[index] ? " " : "^",
  )
  return [...both, `  ${signs.join("").trimEnd()}`]
}

/** Rows are the same by what stands before them, other lines by all they say. */
function nameOf(line: string): string {
  const [name = "", cells] = line.split("|", 2)
  return cells === undefined ? line : `${name.trim()}|`
}

/** For each line of the one and each of the other, how many lines of what follows have the same names. */
function commonLengths(
  expected: readonly string[],
  actual: readonly string[],
): readonly number[][] {
  const lengths = Array.from({ length: expected.length + 1 }, () =>
    Array.from({ length: actual.length + 1 }, () => 0),
  )
  for (let one = expected.length - 1; one >= 0; one -= 1) {
    const row = lengths[one] as number[]
    const below = lengths[one + 1] as number[]
    for (let other = actual.length - 1; other >= 0; other -= 1) {
      const isSame = nameOf(expected[one] as string) === nameOf(actual[other] as string)
      row[other] = isSame
        ? (below[other + 1] as number) + 1
        : Math.max(below[other] as number, row[other + 1] as number)
    }
  }
  return lengths
}
