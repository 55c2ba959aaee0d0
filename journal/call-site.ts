// As sources, and in dist, where everything lies one folder deep (scripts/bundle.ts).
const FOLDERS = ['.', '../src/', '../journal/', '../chunks/']
// Where source maps are switched on, as tsx does it, frames in dist are told as the sources of it.
const SOURCES = import.meta.url.endsWith('.ts') ? [] : ['../../src/', '../../journal/']
const OURS = [...FOLDERS, ...SOURCES].map(folder => new URL(folder, import.meta.url))
/** What Perdure calls on behalf of the user, and what calls it back. */
const AIDES =
  /[\\/]node_modules[\\/](?:abstract-level|classic-level|level|memory-level|xstate|zod)[\\/]/
const FRAMES = 30

/** Where in the user's code the call that is under way was made: `file:line:column`. */
export const callSite = (): string | undefined => siteIn(trace(FRAMES).stack ?? '')

/** The innermost frames of the call under way. To read its `stack` costs more than to take it. */
export function trace(frames: number): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = frames
  const error = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return error
}

/** The innermost frame of the user's code. */
export function siteIn(stack: string): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]+:\d+:\d+)\)?$/.exec(
      line,
    )?.[1]
    if (place !== undefined && !isOurs(place)) return place.replace(/^file:\/\//, '')
  }
  return undefined
}

const isOurs = (place: string): boolean =>
  OURS.some(({ pathname, href }) => place.startsWith(pathname) || place.startsWith(href)) ||
  AIDES.test(place)
