/**
 * Drives a generator that asks questions: one text of a search, for answers that are there at once and for answers that
 * take time.
 */

/** Answers each question that the generator asks. @returns what the generator returns. */
export function driven<Question, Answer, Result>(
  asking: Generator<Question, Result, Answer>,
  answer: (question: Question) => Answer,
): Result {
  let next = asking.next()
  while (next.done !== true) next = asking.next(answer(next.value))
  return next.value
}

/** The same with answers that take time. */
export async function drivenLater<Question, Answer, Result>(
  asking: Generator<Question, Result, Answer>,
  answer: (question: Question) => Promise<Answer>,
): Promise<Result> {
  let next = asking.next()
  while (next.done !== true) next = asking.next(await answer(next.value))
  return next.value
}
