import assert from 'node:assert/strict'
import fc from 'fast-check'
import { unseal } from '../../journal/envelope.ts'
import type { EventBody, PostedInput } from '../../journal/event.ts'
import type { InboxInput } from '../../journal/event-reader.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../journal/store.ts'
import { bytes } from './author.ts'
import { collect } from './journals.ts'

/** Something that is done with inboxes and events, in a commit of its own. */
export type EventMove =
  | { readonly kind: 'post'; readonly run: number }
  /** Takes the input out that is so far from the oldest. */
  | { readonly kind: 'take'; readonly place: number }
  | { readonly kind: 'send'; readonly names: readonly number[]; readonly dedupe: boolean }
  | { readonly kind: 'forget'; readonly place: number }

const place = fc.nat(9)

export const eventMoves: fc.Arbitrary<EventMove> = fc.oneof(
  fc.record({ kind: fc.constant('post' as const), run: fc.nat(4) }),
  fc.record({ kind: fc.constant('take' as const), place }),
  fc.record({
    kind: fc.constant('send' as const),
    names: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
    dedupe: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('forget' as const), place }),
)

// Each is the beginning of another, or has letters that keys escape.
const NAMES = ['app', 'app!', 'app/a', 'app/a b', 'é', '%']

interface Stored {
  readonly row: string
  readonly at: number
  readonly body: EventBody
}

/** What inboxes and events must be. */
export class EventModel {
  readonly #inbox: InboxInput[] = []
  readonly #events: Stored[] = []
  readonly #known = new Set<string>()
  #posted = 0
  #sent = 0

  async play(journal: Journal, store: Store, move: EventMove, at: number): Promise<void> {
    if (move.kind === 'forget') return this.#forget(journal, store, move.place)
    await journal.change(group => {
      switch (move.kind) {
        case 'post': {
          const run = `run-${move.run}`
          const input: PostedInput = { type: 'timer.fired', of: this.#posted % 3 }
          const n = group.post(run, input)
          assert.equal(n, this.#posted++)
          this.#inbox.push({ run, n, input })
          break
        }
        case 'take': {
          const [taken] = this.#inbox.splice(move.place % (this.#inbox.length || 1), 1)
          if (taken !== undefined) group.take(taken.run, taken.n)
          break
        }
        case 'send':
          for (const name of move.names) {
            const body = {
              name: NAMES[name] ?? '',
              id: `${name} ${this.#sent++}`,
              ts: 1,
              data: bytes('data'),
            }
            const row = group.addEvent(body, { at, elapsed: at }, move.dedupe)
            this.#events.push({ row, at, body })
            if (move.dedupe) this.#known.add(body.id)
          }
          break
        default:
          move satisfies never
      }
    })
  }

  async #forget(journal: Journal, store: Store, place: number): Promise<void> {
    const [forgotten] = this.#events.splice(place % (this.#events.length || 1), 1)
    if (forgotten === undefined) return
    await journal.append([])
    const { row } = forgotten
    const { check } = unseal(row, (await store.get(row)) ?? bytes(''))
    await journal.change(group => group.forget(row, check))
  }

  /** The inputs that an opening came across. */
  mustBeFound(inbox: readonly InboxInput[]): void {
    const expected = [...this.#inbox].sort((a, b) =>
      a.run < b.run ? -1 : a.run > b.run ? 1 : a.n - b.n,
    )
    assert.deepEqual(inbox, expected)
  }

  async mustHold(journal: Journal): Promise<void> {
    assert.equal(journal.tip.inbox.count, this.#inbox.length)
    const { inputs, events } = journal.tip.counts
    assert.deepEqual([inputs, events], [this.#posted, this.#sent])
    for (const { run, n } of this.#inbox) assert.ok(await journal.hasInput(run, n))
    for (const name of NAMES) {
      const all = this.#events.filter(({ body }) => body.name === name)
      for (const since of [0, ...all.slice(1, 2).map(({ at }) => at)]) {
        const expected = all.filter(({ at }) => at >= since)
        assert.deepEqual(
          await collect(journal.events(name, since)),
          expected.map(({ row, at, body }) => ({ row, event: { at, ...body } })),
        )
      }
    }
    for (const { row, at, body } of this.#events) {
      assert.deepEqual(await journal.event(row), { at, ...body })
    }
    for (let n = 0; n < this.#sent; n++) {
      for (const name of NAMES.keys()) {
        const id = `${name} ${n}`
        assert.equal(await journal.knowsEvent(id, 0), this.#known.has(id))
      }
    }
  }
}
