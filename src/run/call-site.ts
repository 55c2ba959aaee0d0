// src, or dist once it is built: all of it lies one folder deep there (scripts/bundle.ts).
const OURS = new URL('..', import.meta.url)
const FRAMES = 30

/** Where in the user's code the call that is under way was made: `file:line:column`. */
export function callSite(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const { stack = '' } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  for (const line of stack.split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]+:\d+:\d+)\)?$/.exec(
      line,
    )?.[1]
    if (place !== undefined && !isOurs(place)) return place.replace(/^file:\/\//, '')
  }
  return undefined
}

const isOurs = (place: string): boolean =>
  place.startsWith(OURS.pathname) || place.startsWith(OURS.href)
