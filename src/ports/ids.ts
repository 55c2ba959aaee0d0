import { randomBytes } from 'node:crypto'

/** The only source of new ids. */
export interface Ids {
  /** A run id: later ones sort after earlier ones. */
  run(now: number): string
  /** An event id. */
  event(now: number): string
  /** Identity of a journal that is created. */
  journal(): string
  /** What a run's chance and idempotency keys come from. Default: its journal, and where it began. */
  seed?(run: string): string
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 10
const CHANCE_BYTES = 10
const JOURNAL_DIGITS = 16

/** Ids of 26 characters, time first. `chance` gives that many random bytes. */
export function timeOrderedIds(chance: (size: number) => Uint8Array): Ids {
  let newest = 0
  let time = timeDigits(newest)
  let count = 0
  const next = (now: number): string => {
    count = now > newest ? 0 : count + 1
    if (now > newest) {
      newest = Math.floor(now)
      time = timeDigits(newest)
    }
    return `${time}${digits(count, 4)}${chanceDigits(chance(CHANCE_BYTES))}`
  }
  return {
    journal: () => chanceDigits(chance(JOURNAL_DIGITS)),
    run: now => `run_${next(now)}`,
    event: now => `evt_${next(now)}`,
  }
}

/** Random bytes are fetched by the pool: one call to the system for hundreds of ids. */
export const systemIds = (): Ids => timeOrderedIds(pooled(4_096))

function pooled(size: number): (bytes: number) => Uint8Array {
  let pool = Buffer.alloc(0)
  let used = 0
  return bytes => {
    if (used + bytes > pool.length) {
      pool = randomBytes(size)
      used = 0
    }
    used += bytes
    return pool.subarray(used - bytes, used)
  }
}

const timeDigits = (ms: number): string => digits(ms, TIME_DIGITS)

function digits(n: number, width: number): string {
  let text = ''
  for (let rest = n; text.length < width; rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text
  }
  return text
}

function chanceDigits(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ALPHABET.charAt(byte % 32)
  return text
}
