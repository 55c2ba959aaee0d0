import { promiseHooks } from 'node:v8'
import { describe, expect, test } from 'vitest'
import type { Journal } from '../../journal/journal.ts'
import { EngineError } from '../../src/define/error.ts'
import { Claims } from '../../src/engine/claims.ts'
import { EventIds, type Sifted } from '../../src/engine/event-ids.ts'
import type { OutgoingEvent } from '../../src/engine/outgoing-event.ts'

const overloaded = (): EngineError => new EngineError('OVERLOADED', 'no room', { hint: 'later' })

const event = (id: string): OutgoingEvent => ({
  body: { name: 'app/x', id, ts: 0, data: new Uint8Array() },
  dedupe: true,
})

/** Event ids of a journal that knows these. */
function idsOf(known: Set<string> = new Set()): EventIds {
  const journal: Pick<Journal, 'knowsEvent'> = { knowsEvent: async id => known.has(id) }
  return new EventIds({ journal: journal as Journal, now: () => 0 })
}

/** How often code goes on after an await while this is done. */
async function wakesIn(act: () => Promise<unknown>): Promise<number> {
  let wakes = 0
  const stop = promiseHooks.onBefore(() => wakes++)
  try {
    await act()
  } finally {
    stop()
  }
  return wakes
}

const repeat = <Made>(count: number, make: (n: number) => Made): Made[] =>
  Array.from({ length: count }, (_, n) => make(n))

/** What is linear needs four times as much for four times as many; what is quadratic sixteen. */
async function mustBeLinear(act: (count: number) => Promise<unknown>): Promise<void> {
  await act(10)
  const few = await wakesIn(() => act(100))
  const many = await wakesIn(() => act(400))
  expect(many / few).toBeLessThan(5)
}

describe('senders of one event id', () => {
  /** Each sends it, is refused with what `end` says, and tells what it found. */
  async function send(
    ids: EventIds,
    events: readonly OutgoingEvent[],
    end: (sifted: Sifted) => void,
  ): Promise<readonly string[]> {
    const sifted = await ids.sift(events)
    // As long as a write takes.
    await new Promise(resolve => setImmediate(resolve))
    end(sifted)
    return sifted.fresh.map(({ body }) => body.id)
  }

  test('that are all refused for want of room wake each other once each', async () => {
    await mustBeLinear(async count => {
      const ids = idsOf()
      const refuse = ({ failed }: Sifted): void => failed(overloaded())
      const all = await Promise.all(repeat(count, () => send(ids, [event('x')], refuse)))
      expect(all).toEqual(repeat(count, () => ['x']))
    })
  })

  test('of which one is not refused find that it is stored', async () => {
    const ids = idsOf()
    let sent = 0
    const end = ({ stored, failed }: Sifted): void => (++sent < 3 ? failed(overloaded()) : stored())
    const all = await Promise.all(repeat(50, () => send(ids, [event('x')], end)))
    expect(all.filter(({ length }) => length > 0)).toHaveLength(3)
  })

  test('that fails otherwise fail with it', async () => {
    const ids = idsOf()
    const error = new Error('the disk is gone')
    const all = await Promise.allSettled(
      repeat(5, () => send(ids, [event('x')], ({ failed }) => failed(error))),
    )
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', ...repeat(4, () => 'rejected')])
    expect(all[4]).toMatchObject({ reason: error })
    expect(await send(ids, [event('x')], ({ stored }) => stored())).toEqual(['x'])
  })

  test('and of others with it, in any order, all get their turn, and none beside another', async () => {
    await mustBeLinear(async count => {
      const ids = idsOf()
      const having = new Set<string>()
      const one = async (n: number): Promise<void> => {
        const names = n % 2 === 0 ? ['a', 'b', `${n}`] : ['c', 'b', 'a']
        const sifted = await ids.sift(names.map(event))
        for (const { body } of sifted.fresh) {
          expect(having).not.toContain(body.id)
          having.add(body.id)
        }
        await new Promise(resolve => setImmediate(resolve))
        having.clear()
        sifted.failed(overloaded())
      }
      await Promise.all(repeat(count, one))
    })
  })

  test('that leave it for another id do not keep those waiting who come after them', async () => {
    const known = new Set<string>()
    const ids = idsOf(known)
    const a = await ids.sift([event('a')])
    const b = await ids.sift([event('b')])
    const both = ids.sift([event('a'), event('b')])
    const after = ids.sift([event('a')])
    a.failed(overloaded())
    const turn = await after
    expect(turn.fresh).toHaveLength(1)
    known.add('a').add('b')
    turn.stored()
    b.stored()
    expect((await both).fresh).toEqual([])
  })
})

describe('starts of one run id', () => {
  test('have it one after the other, in the order in which they asked, with one wake each', async () => {
    await mustBeLinear(async count => {
      const claims = new Claims()
      const order: number[] = []
      let having = 0
      const start = async (n: number): Promise<void> => {
        const letGo = await claims.take('x')
        expect(++having).toBe(1)
        order.push(n)
        await new Promise(resolve => setImmediate(resolve))
        having--
        letGo()
      }
      await Promise.all(repeat(count, start))
      expect(order).toEqual(repeat(count, n => n))
      ;(await claims.take('x'))()
    })
  })
})
