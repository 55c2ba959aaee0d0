import type { Durability } from '../meta.ts'
import { type Counts, noCounts } from '../tip.ts'
import { type DumpName, newerDump, noDump } from './fault.ts'
import {
  below,
  instant,
  int,
  isObject,
  listOf,
  Misshapen,
  matching,
  ms,
  object,
  oneOf,
  optional,
  runId,
  type Shape,
  text,
  yes,
} from './shape.ts'

/** What a dump says of the journal as a whole, as of its newest commit. */
export interface DumpHeader {
  readonly format: 1 | 2
  /** Its id. */
  readonly journal: string
  readonly createdAt: number
  readonly durability: Durability
  readonly epoch: number
  readonly commit: number
  /** Hash of the newest commit row, in hex; empty: there is none, or it is not known. */
  readonly chain: string
  readonly at: number
  /** Absent in format 1. */
  readonly elapsed?: number
  readonly counts: Counts
  /** Paths of keys whose values are not to be shown. */
  readonly secrets?: readonly string[]
  /** Only this run: the dump is no whole journal. */
  readonly run?: string
  /** Texts of users were replaced. */
  readonly anonymized?: true
}

// A journal goes on behind them, and its rows must be able to say so.
const LAST_EPOCH = 2 ** 32 - 1
const LAST_COUNT = 2 ** 52
const count = below(LAST_COUNT)

const common: Shape = {
  kind: text,
  format: int,
  journal: text,
  createdAt: ms,
  durability: oneOf('fsync', 'os'),
  epoch: below(LAST_EPOCH),
  commit: count,
  at: instant,
  run: optional(runId),
}
const first = object<Omit<DumpHeader, 'chain' | 'counts'>>(common)
const second = object<DumpHeader>({
  ...common,
  chain: matching(/^([0-9a-f]{32})?$/, 'is no hash of 16 bytes in hex'),
  elapsed: instant,
  counts: object({ inputs: count, events: count, queued: count }),
  secrets: optional(listOf(text)),
  anonymized: optional(yes),
})

/** The header as the first line of a dump. */
export const headerLine = (header: Omit<DumpHeader, 'format'>): object => {
  const { journal, createdAt, durability, epoch, commit, chain, at, elapsed, counts } = header
  const { inputs, events, queued } = counts
  const { secrets, run, anonymized } = header
  return {
    ...{ kind: 'header', format: 2, journal, createdAt, durability, epoch, commit, chain },
    ...{ at, elapsed, counts: { inputs, events, queued }, secrets, run, anonymized },
  }
}

/**
 * Throws JOURNAL_UNUSABLE for what is no header, JOURNAL_FORMAT for one of a later format, and
 * `Misshapen`.
 */
export function readHeader(json: unknown, dump: DumpName): DumpHeader {
  if (!isObject(json) || json.kind !== 'header') throw noDump(dump)
  const { format } = json
  if (format === 2) {
    const header = second(json)
    if (header.commit === 0 && header.chain !== '') throw new Misshapen('is of no commit', 'chain')
    return withoutKind(header)
  }
  if (format === 1) return withoutKind({ ...first(json), chain: '', counts: noCounts() })
  if (typeof format === 'number' && format > 2) throw newerDump(dump, format)
  throw noDump(dump)
}

function withoutKind(header: DumpHeader & { readonly kind?: string }): DumpHeader {
  const { kind: _, ...own } = header
  return own
}
