import { openLimit } from '../admission.ts'
import type { Digest } from '../digest.ts'
import { addKey, emptyDigest, sameDigest } from '../digest.ts'
import type { Loading } from '../dump/loading.ts'
import { unseal } from '../envelope.ts'
import { openEvent, openInput } from '../event-reader.ts'
import { type KeyRange, parseKey, ranges } from '../keys.ts'
import { checkMark, openSchedule } from '../schedule.ts'
import type { History } from './history.ts'
import type { Kept, KeptRows } from './report.ts'
import type { RunSurvey } from './run-survey.ts'
import type { Versions } from './versions.ts'

/** Saves what there is beside runs. */
export class RowSaver {
  readonly #versions: Versions
  readonly #history: History
  readonly #loading: Loading
  /** Keys of the events that were saved, as far as inputs may name them. */
  readonly #events = new Set<string>()

  constructor(versions: Versions, history: History, loading: Loading) {
    this.#versions = versions
    this.#history = history
    this.#loading = loading
  }

  /** An older state of one is as wrong as none: what is damaged is left behind. */
  async stated(what: 'schedules' | 'limits'): Promise<KeptRows> {
    const lost: string[] = []
    const found = emptyDigest()
    for await (const { key, newest } of this.#versions.scan(ranges[what]())) {
      if (newest === 'deleted') continue
      if (newest === 'damaged') {
        lost.push(what === 'limits' ? parseKey.limit(key) : key.slice(2))
        continue
      }
      const open = what === 'schedules' ? openSchedule : openLimit
      const { id, body, check } = open(key, newest)
      addKey(found, checkMark(key, check))
      if (what === 'limits') this.#loading.add({ kind: 'limit', id, body })
      else this.#loading.add({ kind: 'schedule', id, body: openSchedule(key, newest).body })
      await this.#write()
    }
    const stated: Digest = this.#history.newest?.[what] ?? emptyDigest()
    const mayBeOld = this.#history.tailIsLost || !sameDigest(stated, found)
    return { kept: found.count, lost, mayBeOld }
  }

  async events(): Promise<Kept> {
    const { events, forgotten } = this.#history
    let [kept, missing] = [0, events.size]
    for await (const [key, value] of this.#whole(ranges.events())) {
      if (forgotten.has(key)) continue
      const { at, ...body } = openEvent(key, value)
      this.#loading.add({ kind: 'event', at, n: parseKey.event(key).n, body })
      this.#events.add(key)
      kept++
      if (events.has(key)) missing--
      await this.#write()
    }
    return { kept, lost: missing }
  }

  async eventIds(): Promise<void> {
    for await (const [key, value] of this.#whole(ranges.eventIds())) {
      const { at } = unseal(key, value).body as { at: number }
      this.#loading.add({ kind: 'eventId', id: parseKey.eventId(key), at })
      await this.#write()
    }
  }

  /** Those for runs that were saved, and that answer what was saved of them. After the events. */
  async inputs(survey: RunSurvey): Promise<Kept> {
    const { taken, waiting } = this.#history
    const missing = new Set(waiting)
    let kept = 0
    for await (const [key, value] of this.#whole(ranges.inbox())) {
      const { run, n, input } = openInput(key, value)
      const verdict = survey.saved.get(run)
      if (taken.has(key) || verdict === undefined) continue
      if ('of' in input && input.of >= verdict.entries) continue
      if (input.type === 'event.delivered' && !this.#events.has(input.row)) continue
      this.#loading.add({ kind: 'input', line: 0, run, n, input })
      missing.delete(key)
      kept++
      await this.#write()
    }
    return { kept, lost: missing.size }
  }

  async *#whole(range: KeyRange): AsyncGenerator<readonly [key: string, value: Uint8Array]> {
    for await (const { key, newest, whole } of this.#versions.scan(range)) {
      // What is written once and never changed is good in any version.
      if (newest !== 'deleted' && whole !== undefined) yield [key, whole]
    }
  }

  async #write(): Promise<void> {
    if (this.#loading.isFull) await this.#loading.write()
  }
}
