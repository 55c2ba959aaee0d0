/** The engine that holds a directory, as it tells others about itself. */
export interface Holder {
  readonly pid: number
  readonly host: string
  /** What was started, for people: the process's command line or a name. */
  readonly command: string
  /** When it took the directory, in ms since 1970. */
  readonly since: number
  /** 0 is the main thread. */
  readonly thread: number
}

/** On the wire: one line of JSON, at most this many bytes. */
export const HOLDER_BYTES_MAX = 4096

export function encodeHolder(holder: Holder): string {
  const { pid, host, command, since, thread } = holder
  const line = (shown: string): string =>
    `${JSON.stringify({ pid, host: host.slice(0, 255), command: shown, since, thread })}\n`
  const whole = line(command)
  // Escapes take up to six bytes a character.
  return Buffer.byteLength(whole) <= HOLDER_BYTES_MAX ? whole : line(command.slice(0, 400))
}

/** Whoever answers may be a stranger: anything but a holder is `undefined`. */
export function decodeHolder(line: string): Holder | undefined {
  try {
    return holderIn(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** One phrase that names the holder. Control characters would reach a terminal. */
export function describeHolder(holder: Holder): string {
  const thread = holder.thread === 0 ? '' : `, thread ${holder.thread}`
  const since = new Date(holder.since).toISOString()
  return `process ${holder.pid}${thread} on ${printable(holder.host)} since ${since}: ${printable(holder.command)}`
}

const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')

// By hand: whoever only reads a journal should not have to load a library for five properties.
function holderIn(said: unknown): Holder | undefined {
  const { pid, host, command, since, thread } = Object(said)
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
  if (!isCount(pid) || pid === 0 || !isCount(since) || since > LATEST || !isCount(thread)) {
    return undefined
  }
  if (typeof host !== 'string' || typeof command !== 'string') return undefined
  return { pid, host, command, since, thread }
}

/** Dates end then, in ms. */
const LATEST = 8.64e15
