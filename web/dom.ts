/**
 * Makes elements of a page. Texts are always texts, never markup.
 */

type Child = Node | string | undefined | null | false

/** What an element gets: attributes, and functions that are called on events, by names such as `onclick`. */
interface Given {
  readonly [name: string]: string | number | boolean | ((event: never) => void) | undefined
}

/** An element with its attributes and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener)
    } else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value))
  }
  fill(element, ...children)
  return element
}

/** Puts other children into an element. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.filter((child) => child !== undefined && child !== null && child !== false),
  )
}

/** A button of a form or a page that does something. */
export function button(text: string, act: () => void, given: Given = {}): HTMLButtonElement {
  return make("button", { type: "button", onclick: act, ...given }, text)
}

/** Lets the browser save a file. */
export function save(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob)
  make("a", { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
