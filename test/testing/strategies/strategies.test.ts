import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decision, Recorder, type Source, tapeSource } from '../../../src/testing/choices.ts'
import { Rng } from '../../../src/testing/rng.ts'
import { boring } from '../../../src/testing/strategies/boring.ts'
import { mutation } from '../../../src/testing/strategies/mutation.ts'
import { pct } from '../../../src/testing/strategies/pct.ts'
import { type Strategy, sourceFor, strategyFor } from '../../../src/testing/strategies/portfolio.ts'
import { singleFaults } from '../../../src/testing/strategies/single-faults.ts'
import { swarm } from '../../../src/testing/strategies/swarm.ts'
import { uniform } from '../../../src/testing/strategies/uniform.ts'
import { isFault, kindOf } from '../../../src/testing/stream.ts'
import type { Tape } from '../../../src/testing/tape.ts'
import { askAll, questions, tapes } from '../tapes.ts'
import { interleave, ordinary } from './walk.ts'

const trials = (count: number, source: (rng: Rng) => Source): Decision[][] =>
  Array.from({ length: count }, (_, at) => ordinary(source(new Rng(`trial ${at}`))))

const valuesIn = (decisions: readonly Decision[], kind: string): number[] =>
  decisions.filter(({ stream }) => kindOf(stream) === kind).map(({ value }) => value)

const deviates = (decisions: readonly Decision[], kind: string): boolean =>
  valuesIn(decisions, kind).some(value => value !== 0)

const share = <T>(items: readonly T[], is: (item: T) => boolean): number =>
  items.filter(is).length / items.length

const all: Record<string, (rng: Rng) => Source> = {
  boring: () => boring,
  uniform,
  swarm,
  pct: rng => pct(rng, { steps: 10, faults: 10 }),
  mutation: rng => mutation(rng, [new Map([['crash', [0, 1]]])]),
}

describe.each(Object.entries(all))('%s', (_, source) => {
  test('answers any questions within bounds, and the same for the same seed', () => {
    fc.assert(
      fc.property(questions, fc.string(), (asked, seed) => {
        const inner = source(new Rng(seed))
        const answers = askAll(
          {
            choose: (stream, n) => {
              const value = n === 1 ? 0 : inner(stream, 0, n)
              expect(Number.isSafeInteger(value) && value >= 0).toBe(true)
              return value
            },
          },
          asked,
        )
        expect(answers).toHaveLength(asked.length)
        expect(askAll(new Recorder(source(new Rng(seed))), asked)).toEqual(
          askAll(new Recorder(source(new Rng(seed))), asked),
        )
      }),
    )
  })
})

test('boring is the empty tape', () => {
  expect(ordinary(boring)).toEqual(ordinary(tapeSource(new Map())))
})

test('uniform gives each answer as often, but strikes rarely', () => {
  const decisions = trials(2_000, uniform).flat()
  for (const kind of ['schedule', 'outcome', 'event', 'delay']) {
    const values = valuesIn(decisions, kind)
    const n = Math.max(...values) + 1
    for (let value = 0; value < n; value++)
      expect(share(values, other => other === value)).toBeCloseTo(1 / n, 1)
  }
  for (const [kind, n] of [
    ['crash', 2],
    ['write', 5],
    ['clock', 4],
  ] as const) {
    const values = valuesIn(decisions, kind)
    expect(share(values, value => value !== 0)).toBeCloseTo(1 / 8, 1)
    const struck = values.filter(value => value !== 0)
    for (let value = 1; value < n; value++)
      expect(share(struck, other => other === value)).toBeCloseTo(1 / (n - 1), 1)
  }
})

describe('swarm', () => {
  const all = trials(3_000, swarm)
  const faults = ['crash', 'write', 'cancel', 'clock', 'upgrade']

  test('turns each kind of fault off in many trials, and on in many', () => {
    for (const fault of faults) {
      const on = share(all, trial => deviates(trial, fault))
      expect(on).toBeGreaterThan(0.2)
      expect(on).toBeLessThan(0.5)
    }
  })

  test('has trials with one kind of fault and nothing else, for each', () => {
    for (const fault of faults) {
      const alone = all.filter(
        trial =>
          deviates(trial, fault) &&
          !faults.some(other => other !== fault && deviates(trial, other)) &&
          !deviates(trial, 'outcome'),
      )
      expect(alone.length).toBeGreaterThan(30)
    }
  })

  test('has trials with any two kinds of faults', () => {
    for (const one of faults)
      for (const other of faults)
        expect(
          all.filter(trial => deviates(trial, one) && deviates(trial, other)).length,
        ).toBeGreaterThan(100)
  })

  test('has trials with nothing but another order', () => {
    const rest = [...faults, 'outcome', 'event', 'delay', 'data']
    expect(
      all.filter(trial => deviates(trial, 'schedule') && !rest.some(kind => deviates(trial, kind)))
        .length,
    ).toBeGreaterThan(3)
  })

  test('leaves answers out: there are trials with many writes that fail, all in one way', () => {
    const writes = all
      .map(trial => valuesIn(trial, 'write').filter(value => value !== 0))
      .filter(values => values.length >= 3)
    // By luck alone, it would be five or so.
    for (const fate of [1, 2, 3, 4]) {
      const same = writes.filter(values => values.every(value => value === fate))
      expect(same.length).toBeGreaterThan(10)
    }
    expect(writes.filter(values => new Set(values).size >= 3).length).toBeGreaterThan(50)
  })

  test('lets everything succeed in a third of the trials', () => {
    const calm = share(all, trial => !deviates(trial, 'outcome'))
    expect(calm).toBeGreaterThan(0.3)
    expect(calm).toBeLessThan(0.45)
  })

  test('lets a step fail in one way in all its attempts while others succeed', () => {
    const attempts = (trial: Decision[], step: number): number[] =>
      trial
        .filter(({ stream }) => stream.startsWith(`outcome/run-1/step-${step}/`))
        .map(({ value }) => value)
    for (const way of [1, 2, 3]) {
      const found = trials(1_000, swarm).filter(
        trial =>
          attempts(trial, 0).every(value => value === way) &&
          attempts(trial, 1).every(value => value === 0),
      )
      expect(found.length).toBeGreaterThan(10)
    }
  })
})

describe('pct', () => {
  /** Each move of `pattern` in turn, others between them: a bug that needs just this order. */
  const hasOrder = (
    moved: readonly string[],
    bug: (at: (move: string) => number) => boolean,
  ): boolean => {
    const count = new Map<string, number>()
    const moments = new Map<string, number>()
    for (const [moment, mover] of moved.entries()) {
      const index = count.get(mover) ?? 0
      count.set(mover, index + 1)
      moments.set(`${mover}.${index}`, moment)
    }
    return bug(move => moments.get(move)!)
  }

  const found = (
    { threads, steps, depth }: { threads: number; steps: number; depth: number },
    runs: number,
    bug: (at: (move: string) => number) => boolean,
  ): number => {
    let hits = 0
    for (let run = 0; run < runs; run++) {
      const source = pct(new Rng(`pct ${run}`), { depth, steps: threads * steps, faults: 0 })
      if (hasOrder(interleave(source, threads, steps), bug)) hits++
    }
    return hits / runs
  }

  const guarantee = (threads: number, steps: number, depth: number): number =>
    1 / (threads * (threads * steps) ** (depth - 1))

  test('depth 1: one thread has not begun when another has ended', () => {
    const bug = (at: (move: string) => number): boolean => at('t3.4') < at('t0.0')
    expect(found({ threads: 4, steps: 5, depth: 1 }, 2_000, bug)).toBeGreaterThan(
      guarantee(4, 5, 1),
    )
  })

  test('depth 2: another thread runs as a whole between two steps of one', () => {
    const bug = (at: (move: string) => number): boolean =>
      at('t0.2') < at('t2.0') && at('t2.4') < at('t0.3')
    expect(found({ threads: 3, steps: 5, depth: 2 }, 4_000, bug)).toBeGreaterThan(
      guarantee(3, 5, 2),
    )
    expect(found({ threads: 3, steps: 5, depth: 1 }, 1_000, bug)).toBe(0)
  })

  test('depth 3: two threads take turns twice', () => {
    const bug = (at: (move: string) => number): boolean =>
      at('t0.2') < at('t1.0') && at('t1.1') < at('t0.3') && at('t0.4') < at('t1.2')
    expect(found({ threads: 3, steps: 5, depth: 3 }, 20_000, bug)).toBeGreaterThan(
      guarantee(3, 5, 3),
    )
    expect(found({ threads: 3, steps: 5, depth: 2 }, 1_000, bug)).toBe(0)
  })

  test('keeps to one thread between change points', () => {
    for (let run = 0; run < 200; run++)
      for (const depth of [1, 2, 4]) {
        const moved = interleave(pct(new Rng(run), { depth, steps: 15, faults: 0 }), 3, 5)
        const switches = moved.filter((mover, at) => at > 0 && mover !== moved[at - 1]).length
        // Each thread ends once, and each change point takes one thread away, which may come back.
        expect(switches).toBeLessThanOrEqual(2 + 2 * (depth - 1))
      }
  })

  test('knows threads by their labels, whatever their place in the list', () => {
    const source = pct(new Rng('labels'), { depth: 1, steps: 10, faults: 0 })
    const orders = [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
      ['b', 'c', 'a'],
      ['c', 'b', 'a'],
    ]
    const chosen = orders.map(labels => labels[source('schedule', 0, 3, labels)])
    expect(new Set(chosen).size).toBe(1)
  })

  test('strikes at no more than three places', () => {
    const strikes = trials(1_000, rng => pct(rng, { steps: 6, faults: 30 })).map(
      trial => trial.filter(({ stream, value }) => isFault(kindOf(stream)) && value !== 0).length,
    )
    for (const count of [0, 1, 2, 3])
      expect(share(strikes, strike => strike === count)).toBeGreaterThan(0.15)
    expect(Math.max(...strikes)).toBe(3)
  })
})

describe('mutation', () => {
  const tape: Tape = new Map([
    ['schedule', [0, 2, 0, 1]],
    ['crash', [0, 0, 1]],
    ['outcome/run-1/step-1/0', [3]],
  ])
  const original = ordinary(tapeSource(tape))
  const distance = (trial: readonly Decision[]): number =>
    trial.filter(({ value }, at) => value !== original[at]!.value).length

  test('stays close to the tape', () => {
    const distances = trials(1_000, rng => mutation(rng, [tape])).map(distance)
    expect(share(distances, changed => changed === 0)).toBeLessThan(0.3)
    expect(share(distances, changed => changed <= 3)).toBeGreaterThan(0.6)
    expect(Math.max(...distances)).toBeLessThan(15)
  })

  test('can change, take away and add each decision', () => {
    const mutated = trials(1_000, rng => mutation(rng, [tape]))
    for (const [at, { value, n }] of original.entries()) {
      if (value !== 0) expect(share(mutated, trial => trial[at]!.value === 0)).toBeGreaterThan(0)
      if (n < 10) expect(share(mutated, trial => trial[at]!.value !== value)).toBeGreaterThan(0)
    }
  })

  test('mixes two tapes', () => {
    const other: Tape = new Map([['write', [0, 0, 3]]])
    const mutated = trials(500, rng => mutation(rng, [tape, other]))
    expect(
      share(
        mutated,
        trial => valuesIn(trial, 'crash')[2] === 1 && valuesIn(trial, 'write')[2] === 3,
      ),
    ).toBeGreaterThan(0.01)
  })

  test('goes over from one tape to another in the middle of a stream', () => {
    const one: Tape = new Map([['event', [1, 1, 1, 1, 1, 1]]])
    const other: Tape = new Map([['event', [2, 2, 2, 2, 2, 2]]])
    const found = Array.from({ length: 1_000 }, (_, at) =>
      valuesIn(ordinary(mutation(new Rng(`splice ${at}`), [one, other]), 9), 'event').join(''),
    )
    expect(found).toContain('111222000')
    expect(found).toContain('222211000')
  })

  test('leaves the corpus as it is', () => {
    fc.assert(
      fc.property(tapes, fc.string(), (tape, seed) => {
        const before = JSON.stringify([...tape])
        ordinary(mutation(new Rng(seed), [tape]))
        expect(JSON.stringify([...tape])).toBe(before)
      }),
    )
  })
})

describe('single faults', () => {
  const happy = ordinary(boring)

  test('change one decision each, to each of its answers, and leave orders and data', () => {
    const changed = new Set<string>()
    for (const tape of singleFaults(happy)) {
      const trial = ordinary(tapeSource(tape))
      const different = trial.flatMap(({ value }, at) => (value === 0 ? [] : [`${at}:${value}`]))
      expect(different).toHaveLength(1)
      changed.add(different.join())
    }
    const expected = happy.flatMap(({ stream, n }, at) =>
      ['schedule', 'data'].includes(stream)
        ? []
        : Array.from({ length: n - 1 }, (_, value) => `${at}:${value + 1}`),
    )
    expect([...changed].sort()).toEqual(expected.sort())
    expect(singleFaults(happy)).toHaveLength(expected.length)
  })

  test('try each kind early', () => {
    const first = singleFaults(happy).slice(0, 8)
    expect(new Set(first.flatMap(tape => [...tape.keys()].map(kindOf)))).toEqual(
      new Set(['outcome', 'delay', 'write', 'crash', 'cancel', 'clock', 'upgrade', 'event']),
    )
  })

  test('take samples where there are many answers', () => {
    const faults = singleFaults([{ stream: 'delay/a', n: 1_000, value: 0 }])
    expect(faults.map(tape => tape.get('delay/a')?.[0])).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 999,
    ])
  })

  test('are none where there is nothing to change', () => {
    expect(singleFaults([])).toEqual([])
    expect(singleFaults([{ stream: 'schedule', n: 5, value: 0 }])).toEqual([])
  })
})

describe('the portfolio', () => {
  const happy = ordinary(boring)

  test('begins with the happy path', () => {
    expect(strategyFor(0)).toBe('boring')
    expect(ordinary(sourceFor(0, new Rng(1), [], []))).toEqual(happy)
  })

  test('is 40 % swarm, 30 % PCT, 20 % uniform and 10 % mutation', () => {
    const counts = new Map<Strategy, number>()
    for (let index = 1; index <= 100; index++) {
      const strategy = strategyFor(index)
      counts.set(strategy, (counts.get(strategy) ?? 0) + 1)
    }
    expect(Object.fromEntries(counts)).toEqual({ swarm: 40, pct: 30, uniform: 20, mutation: 10 })
  })

  test('gives a trial by its index alone', () => {
    const rng = new Rng('portfolio')
    const corpus: Tape[] = [new Map([['crash', [0, 0, 1]]])]
    const straight = Array.from({ length: 50 }, (_, at) =>
      ordinary(sourceFor(at, rng, corpus, happy)),
    )
    for (const index of [49, 3, 17, 5])
      expect(ordinary(sourceFor(index, rng, corpus, happy))).toEqual(straight[index])
    expect(new Set(straight.map(trial => JSON.stringify(trial))).size).toBeGreaterThan(45)
  })

  test('mutates the corpus if there is one', () => {
    const corpus: Tape[] = [new Map([['write', [0, 0, 0, 0, 0, 4]]])]
    const index = Array.from({ length: 20 }, (_, at) => at).find(
      at => strategyFor(at) === 'mutation',
    )!
    const hits = (of: Tape[]): number =>
      Array.from({ length: 200 }, (_, at) => at * 10 + index).filter(
        at => valuesIn(ordinary(sourceFor(at, new Rng(1), of, happy)), 'write')[5] === 4,
      ).length
    expect(hits(corpus)).toBeGreaterThan(60)
    expect(hits([])).toBeLessThan(30)
  })
})
