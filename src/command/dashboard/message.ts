/**
 * What the page of a running pool is told, a line of JSON each.
 */
import type { Notice } from "../../core/notice.ts"
import type { About, OperatorStatus } from "../../operator/status.ts"

export type FeedMessage =
  /** Which pool it is. It comes first. */
  | { readonly type: "pool"; readonly about: About }
  /** The next line of its recording: those that there are, and each event from then on. */
  | { readonly type: "recording"; readonly line: string }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "status"; readonly status: OperatorStatus }
  /** It does not answer: it is suspended, or busy with something else. */
  | { readonly type: "silent" }
  /** It lives, and nothing more can be told. */
  | { readonly type: "failed"; readonly reason: string }
