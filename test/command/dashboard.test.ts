/** Who may see and steer a pool in a browser. */
import { describe, expect, test } from "vitest"
import { decide, type Denied, type Granted } from "../../src/command/dashboard/gate.ts"

const token = "0123456789abcdef0123456789abcdef"
const ofPage = {
  host: "127.0.0.1:4000",
  origin: "http://127.0.0.1:4000",
  "sec-fetch-site": "same-origin",
}

function ask(method: string, path: string, headers: object = ofPage): Granted | Denied {
  return decide({ method, target: path, headers: { ...headers } }, 4_000, token)
}

describe("the dashboard gives", () => {
  test.each([
    ["GET", "/", { type: "file", file: "page.html" }],
    ["GET", "/page.js", { type: "file", file: "page.js" }],
    ["GET", "/feed", { type: "feed" }],
    ["POST", "/reload", { type: "change", target: "/reload" }],
    ["POST", "/scale?to=3", { type: "change", target: "/scale?to=3" }],
    ["POST", "/recycle?id=2", { type: "change", target: "/recycle?id=2" }],
  ] as const)("its own page %s %s", (method, path, granted) => {
    expect(ask(method, `/${token}${path}`)).toEqual(granted)
  })

  test("whoever follows the link the page, and nothing else that comes from elsewhere", () => {
    const follows = {
      host: "localhost:4000",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
    }
    expect(ask("GET", `/${token}/`, follows)).toMatchObject({ type: "file" })
    expect(ask("GET", `/${token}/feed`, follows)).toMatchObject({ status: 403 })
    expect(ask("POST", `/${token}/reload`, follows)).toMatchObject({ status: 403 })
  })

  test("a program that is no browser what the token opens", () => {
    expect(ask("GET", `/${token}/feed`, { host: "[::1]:4000" })).toEqual({ type: "feed" })
  })

  test.each([
    ["no token", "GET", "/", ofPage, 403],
    ["a wrong token", "GET", `/${"f".repeat(32)}/feed`, ofPage, 403],
    ["a part of the token", "GET", `/${token.slice(1)}/feed`, ofPage, 403],
    ["another host", "GET", `/${token}/`, { ...ofPage, host: "evil.example:4000" }, 403],
    ["another port", "GET", `/${token}/`, { ...ofPage, host: "127.0.0.1:4001" }, 403],
    ["no host", "GET", `/${token}/`, {}, 403],
    [
      "another origin",
      "POST",
      `/${token}/reload`,
      { ...ofPage, origin: "http://evil.example" },
      403,
    ],
    ["no origin to speak of", "POST", `/${token}/reload`, { ...ofPage, origin: "null" }, 403],
    [
      "another site",
      "GET",
      `/${token}/page.js`,
      { host: ofPage.host, "sec-fetch-site": "same-site" },
      403,
    ],
    ["no slash", "GET", `/${token}`, ofPage, 404],
    ["another path", "GET", `/${token}/status`, ofPage, 404],
    ["a name that every object has", "GET", `/${token}/constructor`, ofPage, 404],
    ["a stop", "POST", `/${token}/stop`, ofPage, 404],
    ["an upgrade", "POST", `/${token}/upgrade`, ofPage, 404],
    ["a wrong number", "POST", `/${token}/scale?to=-1`, ofPage, 400],
    ["a change by GET", "GET", `/${token}/reload`, ofPage, 404],
    ["a page by POST", "POST", `/${token}/`, ofPage, 405],
  ])("nothing for %s", (_, method, path, headers, status) => {
    expect(ask(method, path, headers)).toMatchObject({
      type: "denied",
      status,
      reason: expect.any(String),
    })
  })
})
