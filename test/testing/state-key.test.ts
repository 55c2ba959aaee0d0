import { isDeepStrictEqual } from 'node:util'
import type { Spec } from 'perdure/testing'
import { expect, test } from 'vitest'
import { Enumeration } from '../../src/testing/enumeration.ts'
import { Prepared } from '../../src/testing/prepared.ts'
import { Rng } from '../../src/testing/rng.ts'
import { stateKey } from '../../src/testing/state-key.ts'
import { Trial } from '../../src/testing/trial.ts'
import { type Log, randomSpec } from './random-spec.ts'

/** More in the long programme: PERDURE_RUNS times as many. */
const SPECS = 24 * Number(process.env.PERDURE_RUNS ?? 1)
const MOST_SCHEDULES = 60

/** All that a spec can come to; undefined if there is too much to try. */
async function endsOf(spec: Spec<Log>, isMerging: boolean): Promise<Set<string> | undefined> {
  const tree = new Enumeration()
  const states = new Map<string, string>()
  const ends = new Set<string>()
  for (let source = tree.next(); source !== undefined; source = tree.next()) {
    if (tree.progress.trials > MOST_SCHEDULES) return undefined
    const { repeats } = tree
    const prepared = new Prepared(spec, { crashes: 0, writes: 0 })
    const result = await new Trial(prepared, source, {
      moves: 60,
      isKnown: (state, decisions) => {
        if (!isMerging || decisions.length < repeats) return false
        const key = stateKey(state) ?? ''
        const path = decisions.map(({ value }) => value).join()
        const first = states.get(key) ?? path
        states.set(key, first)
        return first !== path
      },
    }).run()
    const { end, cutAt } = result
    const runs = end.runs.map(({ id, status, timeline, output }) => [id, status, timeline, output])
    if (cutAt === undefined) ends.add(JSON.stringify([runs, Object.entries(end.world.log).sort()]))
    tree.done(result.decisions, cutAt)
  }
  return ends
}

test('schedules that come to a known state come to nothing that is new', async () => {
  let compared = 0
  for (let seed = 1; seed <= SPECS; seed++) {
    const make = (): Spec<Log> =>
      randomSpec(new Rng(seed), (log, step) => {
        log[step] = (log[step] ?? 0) + 1
        return log[step]
      })
    const all = await endsOf(make(), false)
    if (all === undefined) continue
    compared++
    expect(isDeepStrictEqual(await endsOf(make(), true), all), `seed ${seed}`).toBe(true)
  }
  expect(compared).toBeGreaterThan(SPECS / 4)
})

test('a world that keeps something to itself is not compared', () => {
  class Secretive {
    #count = 0
    add(): number {
      return ++this.#count
    }
  }
  const key = (world: unknown) => stateKey({ rows: new Map(), world, rest: [] })
  expect(key({ list: [new Map([['a', new Secretive()]])] })).toBe(undefined)
  expect(key({ call: () => {} })).toBe(undefined)
  expect(key({ list: [new Map([['a', new Set([1])]])] })).toBeDefined()
  expect(key({ a: 1 })).not.toBe(key({ a: 2 }))
})
