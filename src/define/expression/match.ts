import { invalid } from './failure.ts'

const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,9}\]|\["[^"\\\n\r]*"\]){0,20}$/

/**
 * What `match: 'data.userId'` is short for: `event.data.userId == async.data.userId`. Throws
 * EXPRESSION_INVALID for anything but a path of names, `[0]` and `["any key"]`.
 */
export function matchExpression(path: string): string {
  if (typeof path !== 'string' || path.length > 500 || !PATH.test(path))
    throw invalid(
      String(path).slice(0, 500),
      0,
      "a match is a path that both events have, such as 'data.userId'",
    )
  return `event.${path} == async.${path}`
}
