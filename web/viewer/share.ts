/**
 * A recording in a link: deflated, in the part behind #, which a browser sends to nobody.
 */

/** Longer links break in chats and mails. */
const mostCharacters = 16_000

/** @returns the part behind #; undefined if the text is too long for a link. */
export async function packed(text: string): Promise<string | undefined> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  const code = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
  return code.length > mostCharacters ? undefined : code
}

/** @throws {Error} if it is no such part. */
export async function unpacked(code: string): Promise<string> {
  const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))
  return await new Response(stream).text()
}
