import { keys, parseKey, ranges } from '../keys.ts'
import { openSchedule } from '../schedule.ts'
import type { Store } from '../store.ts'
import { fakeValue } from './fake-value.ts'
import { Fakes } from './fakes.ts'
import { isObject } from './shape.ts'

type Facts = Readonly<{ [name: string]: unknown }>
type Fake = (fact: unknown) => unknown

/**
 * Lines of a dump in which fakes stand for what users put into a journal: texts and bytes in values,
 * errors and events, reasons, ids of runs, events and schedules that were given, values of keys of
 * limits, seeds. What is code stays: ids of workflows and steps, names of events, expressions, names of
 * properties and of classes of errors; so do numbers and dates.
 *
 * Ids of runs become `run-0000001`, ... in their order. What was equal is equal afterwards, whole texts
 * with whole texts: a wait still gets its events by the values they match on, a key still names one
 * limit. What compares parts of a text, or with a text in the code, need not come out as it did; nor
 * does what is derived from a seed: chance, idempotency keys.
 */
export class Anonymous {
  readonly #fakes: Fakes
  readonly #runs: ReadonlyMap<string, string>
  /** Schedules that were made at run time. */
  readonly #schedules: ReadonlySet<string>
  readonly #facts: { readonly [name: string]: Fake }

  private constructor(secret: string, runs: Map<string, string>, schedules: Set<string>) {
    this.#fakes = new Fakes(secret)
    this.#runs = runs
    this.#schedules = schedules
    const value: Fake = json => fakeValue(json, this.#fakes)
    const text: Fake = json => this.#fakes.text(String(json))
    const run: Fake = json => this.run(String(json))
    const parent: Fake = json => (isObject(json) ? { ...json, run: run(json.run) } : json)
    const limit: Fake = json => this.#limit(String(json))
    const each =
      (fake: Fake): Fake =>
      json =>
        Array.isArray(json) ? json.map(fake) : json
    const inside: Fake = json => (isObject(json) ? this.facts(json) : json)
    this.#facts = {
      ...{ data: value, output: value, value, error: value, report: value, literals: value },
      ...{
        run,
        continues: run,
        successor: run,
        child: run,
        by: run,
        parent,
        parents: each(parent),
      },
      ...{ given: text, seed: json => this.#seed(String(json)), on: each(inside), own: inside },
      ...{ lane: limit, limits: each(limit), holds: each(limit) },
      schedule: json => this.#schedule(String(json)),
      event: json => (isObject(json) ? { ...json, id: text(json.id) } : json),
      events: each(json => {
        const { id, ...rest } = inside(json) as Facts
        return id === undefined ? rest : { ...rest, id: text(id) }
      }),
    }
  }

  static async of(store: Store, secret: string): Promise<Anonymous> {
    const ids: string[] = []
    for (const range of [ranges.active(), ranges.ended()]) {
      for await (const chunk of store.scan(range))
        ids.push(...chunk.map(([key]) => parseKey.head(key)))
    }
    const runs = ids.sort().map((id, at) => [id, `run-${String(at + 1).padStart(7, '0')}`] as const)
    const schedules = new Set<string>()
    for await (const chunk of store.scan(ranges.schedules())) {
      for (const [key, value] of chunk) {
        const { id, body } = openSchedule(key, value)
        if (body.own !== undefined) schedules.add(id)
      }
    }
    return new Anonymous(secret, new Map(runs), schedules)
  }

  run(id: string): string {
    return (
      this.#runs.get(id) ??
      `gone-${Buffer.from(this.#fakes.bytes(Buffer.from(id)))
        .toString('hex')
        .slice(0, 16)}`
    )
  }

  /** The facts of a line, of whatever kind, or of a part of one. */
  facts(facts: Facts): Facts {
    const fakes: [string, unknown][] = []
    for (const [name, fact] of Object.entries(facts)) {
      const fake = fact === undefined ? undefined : this.#fakeFor(facts, name)
      fakes.push([name, fake === undefined ? fact : fake(fact)])
    }
    return Object.fromEntries(fakes)
  }

  /** What a name says depends on the line in a few cases. */
  #fakeFor({ kind, type }: Facts, name: string): Fake | undefined {
    const text: Fake = json => this.#fakes.text(String(json))
    if (name === 'reason') return type === 'run.skipped' ? undefined : text
    if (name === 'key') return type === 'gather.set' ? json => this.#limit(String(json)) : undefined
    if (name === 'state') return json => this.#state(json)
    if (name === 'id') {
      if (kind === 'event' || kind === 'eventId') return text
      if (kind === 'limit') return json => this.#limit(String(json))
      return kind === 'schedule' ? json => this.#schedule(String(json)) : undefined
    }
    return Object.hasOwn(this.#facts, name) ? this.#facts[name] : undefined
  }

  #schedule(id: string): string {
    return this.#schedules.has(id) ? this.#fakes.text(id) : id
  }

  #seed(seed: string): string {
    const [, place = '', run = seed] = /^(.+?\/\d+\/)(.*)$/s.exec(seed) ?? []
    return place + this.run(run)
  }

  /** The value of its key is the last of its parts. */
  #limit(id: string): string {
    const parts = parsed(id)
    if (!Array.isArray(parts) || parts.length === 0) return this.#fakes.text(id)
    const value = String(parts.at(-1))
    const json = parsed(value)
    const fake =
      json === undefined ? this.#fakes.text(value) : JSON.stringify(fakeValue(json, this.#fakes))
    return JSON.stringify([...parts.slice(0, -1), fake])
  }

  /** Beside ids of runs there are only numbers in it, and words of ours. */
  #state(json: unknown): unknown {
    return isObject(json) && typeof json.run === 'string'
      ? { ...json, run: this.run(json.run) }
      : json
  }
}

/** The key of the row that a line is, where fakes change the order. */
export function keyOfLine({ kind, id }: Facts): string | undefined {
  const own = String(id)
  if (kind === 'schedule') return keys.schedule(own)
  if (kind === 'limit') return keys.limit(own)
  return kind === 'eventId' ? keys.eventId(own) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
