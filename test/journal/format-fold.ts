import {
  joined,
  lengthOf,
  moved,
  type OpenAside,
  openedAside,
  rowOf,
  started,
} from './format-admission.ts'
import type { FormatDocument } from './format-document.ts'
import type { Item, ItemMap } from './format-msgpack.ts'
import { listOf, mapOf, type Row } from './format-rows.ts'

/** What the records of one run add up to, as docs/journal-format.md says. */
export interface Sum {
  readonly head: ReadonlyMap<string, Item>
  readonly hasEnded: boolean
  readonly endedAt: number | undefined
  /** Keys of the open timers, without their prefix. */
  readonly timers: readonly string[]
  /** Bodies of the rows of open waits and cancellations, by key without the run. */
  readonly waits: ReadonlyMap<string, ItemMap>
  /** Bodies of the rows of what is gathered, held and waited for in lanes, by key without the run. */
  readonly admission: ReadonlyMap<string, ItemMap>
  readonly entries: readonly ItemMap[]
}

interface Open {
  readonly kind: 'step' | 'timer' | 'backoff' | 'start' | 'wait' | 'child' | 'cancel' | AsideKind
  readonly shielded: boolean
  readonly timer?: Timer
  readonly on?: Item
  readonly facts?: ItemMap
}

type AsideKind = OpenAside['kind']

const ASIDE: readonly Open['kind'][] = ['cancel', 'gather', 'slot', 'queue', 'deadline']
const BEFORE_START: readonly Open['kind'][] = ['start', 'gather', 'queue']

const isAside = (open: Open): open is OpenAside => open.facts !== undefined

interface Timer {
  readonly clock: string
  readonly due: number
}

/** What each input closes. */
const CLOSES: Readonly<Record<string, readonly Open['kind'][]>> = {
  'step.succeeded': ['step'],
  'step.failed': ['step'],
  'timer.fired': ['timer', 'backoff', 'start', 'wait', 'child', 'gather'],
  'event.received': ['wait'],
  'child.finished': ['child'],
}

const ENDS = ['completed', 'failed', 'cancelled', 'skipped']

/** Folds the records of a run, and throws where one cannot follow. */
export function fold(records: readonly Row[], document: FormatDocument): Sum {
  const run = new Fold(document)
  for (const record of records) run.take(record)
  return run.sum()
}

class Fold {
  readonly #document: FormatDocument
  readonly #open = new Map<number, Open>()
  readonly #entries: ItemMap[] = []
  readonly #head = new Map<string, Item>()
  #status = 'scheduled'
  #link = 0

  constructor(document: FormatDocument) {
    this.#document = document
  }

  take({ key, names, check, body }: Row): void {
    const record = mapOf(body)
    if (Number(names.seq) !== this.#entries.length) throw new Error(`${key}: not dense`)
    if (record.get('link') !== this.#link) throw new Error(`${key}: not chained`)
    for (const time of ['at', 'elapsed']) {
      if (Number(record.get(time)) < Number(this.#head.get(time) ?? 0))
        throw new Error(`${key}: ${time}`)
      this.#head.set(time, record.get(time) ?? null)
    }
    this.#link = check
    const entries = listOf(record.get('entries')).map(mapOf)
    this.#mustBeTurn(
      key,
      entries.map(entry => String(entry.get('type'))),
    )
    const before = ENDS.includes(this.#status)
    for (const entry of entries) this.#take(key, entry)
    if (!this.#head.has('createdAt')) this.#head.set('createdAt', record.get('at') ?? null)
    if (!ENDS.includes(this.#status) || before) return
    this.#open.clear()
    this.#head.set(
      'outcome',
      new Map([
        ['seq', Number(names.seq)],
        ['at', Number(record.get('at'))],
        ['elapsed', Number(record.get('elapsed'))],
      ]),
    )
  }

  sum(): Sum {
    const hasEnded = ENDS.includes(this.#status)
    const kinds = [...this.#open.values()].map(({ kind }) => kind)
    const waits = kinds.some(kind => !ASIDE.includes(kind)) && !kinds.includes('step')
    const { elapsed: _, ...head } = Object.fromEntries(this.#head)
    const passive =
      hasEnded ||
      ['paused', 'parked'].includes(this.#status) ||
      (this.#status === 'scheduled' && kinds.some(kind => BEFORE_START.includes(kind))) ||
      (this.#status === 'running' && waits)
    const seq = this.#entries.length
    const all = { ...head, status: this.#status, seq, link: this.#link, passive }
    const outcome = this.#head.get('outcome')
    return {
      head: new Map(Object.entries(all)),
      hasEnded,
      endedAt: outcome === undefined ? undefined : Number(mapOf(outcome).get('elapsed')),
      timers: [...this.#open].flatMap(([at, { timer }]) => (timer ? [timerKey(timer, at)] : [])),
      waits: new Map(
        [...this.#open].flatMap(([at, { kind, on }]) =>
          on === undefined ? [] : [[`w!<run>!${tenDigits(at)}`, waitBody(kind, on)]],
        ),
      ),
      admission: new Map(
        [...this.#open].flatMap(([at, open]) => {
          const row = isAside(open) && rowOf(open, at, this.#head.get('workflow') ?? null)
          return row ? [row] : []
        }),
      ),
      entries: this.#entries,
    }
  }

  #mustBeTurn(key: string, types: readonly string[]): void {
    const inputs = types.filter(type => this.#document.inputs.has(type))
    const between = types.findIndex(
      (type, at) => at > 0 && !/^(cancel|slot|deadline)\.set$/.test(type),
    )
    const isSecond = types[between] === 'run.started'
    const first = types
      .filter((_, at) => !isSecond || at === 0 || at >= between)
      .slice(0, inputs.length)
      .join()
    const pair = /^(run\.(scheduled|unparked|joined)|timer\.fired),run\.started$/.test(first)
    if (first !== inputs.join() || (inputs.length !== 1 && !pair)) {
      throw new Error(`${key}: no turn: ${types.join()}`)
    }
  }

  #take(key: string, entry: ItemMap): void {
    const type = String(entry.get('type'))
    const status = this.#document.statuses.get(this.#status)?.get(type)
    const isFirst = this.#entries.length === 0
    if (status === undefined || isFirst !== (type === 'run.scheduled')) {
      throw new Error(`${key}: ${type} in a run that is ${this.#status}`)
    }
    this.#status = status
    const seq = this.#entries.push(entry) - 1
    this.#change(type, entry, seq)
    if (type === 'run.scheduled') this.#head.set('workflow', entry.get('workflow') ?? null)
    const schedule = entry.get('schedule')
    if (schedule !== undefined) this.#head.set('schedule', schedule)
    if (type === 'run.continued') this.#head.set('continuedAs', entry.get('successor') ?? null)
    if (type === 'run.skipped') {
      this.#head.set('skippedFor', entry.get('reason') ?? null)
      if (entry.get('reason') === 'joined') this.#head.set('continuedAs', entry.get('by') ?? null)
    }
    if (type === 'run.parked') this.#head.set('parkedFor', entry.get('code') ?? null)
    if (type === 'run.unparked') this.#head.delete('parkedFor')
  }

  #change(type: string, entry: ItemMap, seq: number): void {
    const bytes = lengthOf(this.#entries[0]?.get('data'))
    if (type === 'cancel.set') {
      for (const [at, { kind }] of this.#open) if (kind === 'cancel') this.#open.delete(at)
    }
    const opened = openedBy(type, entry) ?? openedAside(type, entry, bytes)
    if (opened !== undefined) this.#open.set(seq, opened)
    const closed = type in CLOSES ? this.#close(type, Number(entry.get('of'))) : undefined
    const retryAt = entry.get('retryAt')
    if (retryAt !== undefined) {
      const timer = { clock: 'elapsed', due: Number(retryAt) }
      const [at, shielded] =
        closed === undefined ? [seq, false] : [Number(entry.get('of')), closed.shielded]
      // That of the code gives nothing back.
      const kind = closed === undefined ? 'timer' : 'backoff'
      this.#open.set(at, { kind, shielded, timer })
    }
    if (closed?.kind === 'backoff') {
      this.#open.set(Number(entry.get('of')), { kind: 'step', shielded: closed.shielded })
    }
    for (const [at, open] of this.#open) {
      if (!isAside(open)) continue
      if (type === 'run.started') this.#become(at, started(open))
      if (type === 'deadline.moved') this.#become(at, moved(open, entry))
      if (type === 'run.joined' && open.kind === 'gather') this.#become(at, joined(open, entry))
    }
    if (type !== 'run.cancel_requested') return
    for (const [at, { shielded }] of this.#open) if (!shielded) this.#open.delete(at)
  }

  #become(at: number, open: Open | undefined): void {
    if (open === undefined) this.#open.delete(at)
    else this.#open.set(at, open)
  }

  #close(type: string, of: number): Open {
    const open = this.#open.get(of)
    if (open === undefined || !CLOSES[type]?.includes(open.kind)) {
      throw new Error(`${type} closes nothing under ${of}`)
    }
    this.#open.delete(of)
    return open
  }
}

/** What a command opens under its own seq. */
function openedBy(type: string, entry: ItemMap): Open | undefined {
  const shielded = entry.get('shielded') === true
  const [due, on] = [entry.get('due'), entry.get('on')]
  const timed = (clock: string): { timer?: Timer } =>
    due === undefined ? {} : { timer: { clock, due: Number(due) } }
  switch (type) {
    case 'step.scheduled':
      return { kind: 'step', shielded }
    case 'timer.set':
      return { kind: 'timer', shielded, ...timed(String(entry.get('clock'))) }
    case 'start.set':
      return { kind: 'start', shielded: true, ...timed('wall') }
    case 'wait.set':
      return { kind: 'wait', shielded, ...timed('elapsed'), on: on ?? null }
    case 'child.started':
      return { kind: 'child', shielded, ...timed('elapsed') }
    case 'cancel.set':
      // One that says that nothing does opens nothing.
      return Array.isArray(on) && on.length === 0
        ? undefined
        : { kind: 'cancel', shielded: true, on: on ?? null }
    default:
      return undefined
  }
}

const waitBody = (kind: string, on: Item): ItemMap =>
  new Map([
    ['kind', kind],
    ['on', on],
  ])

const tenDigits = (seq: number): string => String(seq).padStart(10, '0')

function timerKey({ clock, due }: Timer, seq: number): string {
  const whole = Math.min(Math.max(0, Math.ceil(due)), Number.MAX_SAFE_INTEGER)
  return `t!${clock[0]}!${String(whole).padStart(16, '0')}!<run>!${tenDigits(seq)}`
}
