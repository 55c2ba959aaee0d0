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
  readonly entries: readonly ItemMap[]
}

interface Open {
  readonly timer?: { readonly clock: string; readonly due: number; readonly ofStep: boolean }
  readonly shielded: boolean
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
      ]),
    )
  }

  sum(): Sum {
    const hasEnded = ENDS.includes(this.#status)
    const waits = this.#open.size > 0 && [...this.#open.values()].every(({ timer }) => timer)
    const { elapsed: _, ...head } = Object.fromEntries(this.#head)
    const passive =
      hasEnded ||
      ['paused', 'parked'].includes(this.#status) ||
      (this.#status === 'running' && waits)
    const seq = this.#entries.length
    const all = { ...head, status: this.#status, seq, link: this.#link, passive }
    const outcome = this.#head.get('outcome')
    return {
      head: new Map(Object.entries(all)),
      hasEnded,
      endedAt: outcome === undefined ? undefined : Number(mapOf(outcome).get('at')),
      timers: [...this.#open].flatMap(([at, { timer }]) => (timer ? [timerKey(timer, at)] : [])),
      entries: this.#entries,
    }
  }

  #mustBeTurn(key: string, types: readonly string[]): void {
    const inputs = types.filter(type => this.#document.inputs.has(type))
    const first = types.slice(0, inputs.length).join()
    const pair = /^run\.(scheduled|unparked),run\.started$/.test(first)
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
    if (type === 'run.continued') this.#head.set('continuedAs', entry.get('successor') ?? null)
    if (type === 'run.parked') this.#head.set('parkedFor', entry.get('code') ?? null)
    if (type === 'run.unparked') this.#head.delete('parkedFor')
  }

  #change(type: string, entry: ItemMap, seq: number): void {
    const of = entry.get('of')
    const shielded = entry.get('shielded') === true
    const retryAt = entry.get('retryAt')
    switch (type) {
      case 'step.scheduled':
        this.#open.set(seq, { shielded })
        return
      case 'timer.set': {
        const [clock, due] = [String(entry.get('clock')), Number(entry.get('due'))]
        this.#open.set(seq, { shielded, timer: { clock, due, ofStep: false } })
        return
      }
      case 'step.succeeded':
        this.#close(of)
        return
      case 'timer.fired': {
        const { timer, shielded } = this.#close(of)
        if (timer?.ofStep) this.#open.set(Number(of), { shielded })
        return
      }
      case 'step.failed': {
        const { shielded } = this.#close(of)
        if (retryAt !== undefined) this.#backoff(Number(of), retryAt, shielded, true)
        return
      }
      case 'code.failed':
        if (retryAt !== undefined) this.#backoff(seq, retryAt, false, false)
        return
      case 'run.cancel_requested':
        for (const [at, { shielded }] of this.#open) if (!shielded) this.#open.delete(at)
    }
  }

  #backoff(seq: number, retryAt: Item, shielded: boolean, ofStep: boolean): void {
    this.#open.set(seq, { shielded, timer: { clock: 'elapsed', due: Number(retryAt), ofStep } })
  }

  #close(of: Item | undefined): Open {
    const open = this.#open.get(Number(of))
    if (open === undefined) throw new Error(`nothing is open under ${String(of)}`)
    this.#open.delete(Number(of))
    return open
  }
}

function timerKey({ clock, due }: { clock: string; due: number }, seq: number): string {
  const whole = Math.min(Math.max(0, Math.ceil(due)), Number.MAX_SAFE_INTEGER)
  return `t!${clock[0]}!${String(whole).padStart(16, '0')}!<run>!${String(seq).padStart(10, '0')}`
}
