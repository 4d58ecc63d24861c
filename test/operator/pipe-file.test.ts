/** The file that tells of a pipe, in a folder where others may have left something. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { writePipeFile } from "../../src/operator/pipe-file.ts"

let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-pipe-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

/** A place in a folder. */
function placeIn(where: string): { readonly path: string; readonly file: string } {
  return { path: String.raw`\\.\pipe\kamisama-shop-7`, file: join(where, "shop-7.pipe") }
}

describe("writePipeFile()", () => {
  test("leaves an empty file until it is closed", () => {
    const place = placeIn(folder)
    const file = writePipeFile(place)
    expect(readFileSync(place.file, "utf8")).toBe("")
    file.close()
    expect(existsSync(place.file)).toBe(false)
  })

  test("takes the place of the file of a pool that was killed", () => {
    const place = placeIn(folder)
    writeFileSync(place.file, "old")
    writePipeFile(place)
    expect(readFileSync(place.file, "utf8")).toBe("")
  })

  test.for([true, false])(
    "takes the place of a link, and leaves alone what it leads to (there is something: %s)",
    (isThere) => {
      const place = placeIn(folder)
      const target = join(folder, "precious.txt")
      if (isThere) writeFileSync(target, "precious")
      symlinkSync(target, place.file)
      writePipeFile(place)
      expect(lstatSync(place.file).isFile()).toBe(true)
      expect(existsSync(target) && readFileSync(target, "utf8")).toBe(isThere && "precious")
    },
  )

  test("says that the pool is not found by its name if it cannot be written", () => {
    const place = placeIn(join(folder, "missing"))
    expect(() => writePipeFile(place)).toThrow(
      `this pool is not found by its name, because ${place.file} cannot be written: ENOENT`,
    )
    expect(() => writePipeFile(place)).toThrow(String.raw`kamisama status \\.\pipe\kamisama-shop-7`)
  })
})
