import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decision, Recorder, tapeSource } from '../../src/testing/choices.ts'
import { Rng } from '../../src/testing/rng.ts'
import { type Failure, type ShrinkOptions, type Shrunk, shrink } from '../../src/testing/shrink.ts'
import { printTape, type Tape } from '../../src/testing/tape.ts'
import { ordinary } from './strategies/walk.ts'
import { tapes } from './tapes.ts'

const at = (tape: Tape, stream: string, index: number): number => tape.get(stream)?.[index] ?? 0

/** A trial that fails if its tape is one of those; all of the tape is read. */
const failing =
  (isBug: (tape: Tape) => boolean) =>
  async (tape: Tape): Promise<Failure<null> | undefined> =>
    isBug(tape) ? { tape, result: null } : undefined

const options = (
  tape: Tape,
  isBug: (tape: Tape) => boolean,
  more: Partial<ShrinkOptions<null>> = {},
): ShrinkOptions<null> => ({
  tape,
  fails: failing(isBug),
  cost: () => [],
  budget: 5_000,
  isOver: () => false,
  ...more,
})

const big: Tape = new Map([
  ['schedule', [3, 1, 0, 2, 5, 0, 0, 1, 4, 2, 0, 1, 1, 3]],
  ['outcome/run-1/charge/0', [2]],
  ['outcome/run-1/charge/1', [1]],
  ['delay/run-1/charge/0', [0, 700]],
  ['crash', [0, 1, 0, 0, 1, 1]],
  ['write', [0, 0, 4, 0, 3]],
  ['cancel', [0, 0, 1]],
  ['event/paid', [1, 2]],
  ['event/sent', [1]],
  ['event/seen', [2]],
  ['own-kind/x', [7]],
  ['knob', [9]],
])

describe('the smallest failing tape', () => {
  const cases: [string, (tape: Tape) => boolean, Record<string, number[]>][] = [
    ['anything fails', () => true, {}],
    ['a crash at a place', tape => at(tape, 'crash', 4) > 0, { crash: [0, 0, 0, 0, 1] }],
    ['any crash', tape => (tape.get('crash') ?? []).some(value => value > 0), { crash: [1] }],
    [
      'two crashes',
      tape => (tape.get('crash') ?? []).filter(value => value > 0).length >= 2,
      { crash: [1, 1] },
    ],
    [
      'a crash and an outcome',
      tape => at(tape, 'crash', 1) > 0 && at(tape, 'outcome/run-1/charge/0', 0) === 2,
      { crash: [0, 1], 'outcome/run-1/charge/0': [2] },
    ],
    ['a write of one fate', tape => (tape.get('write') ?? []).includes(3), { write: [3] }],
    [
      'a long delay',
      tape => at(tape, 'delay/run-1/charge/0', 1) > 313,
      { 'delay/run-1/charge/0': [0, 314] },
    ],
    [
      'a long delay anywhere',
      tape => (tape.get('delay/run-1/charge/0') ?? []).some(value => value > 313),
      { 'delay/run-1/charge/0': [314] },
    ],
    [
      'an order',
      tape => {
        const values = tape.get('schedule') ?? []
        return values.some((value, at) => value >= 2 && (values[at + 1] ?? 0) >= 4)
      },
      { schedule: [2, 4] },
    ],
    ['the rest of a decision', tape => at(tape, 'schedule', 0) % 2 === 1, { schedule: [1] }],
    [
      'decisions in three streams',
      tape =>
        at(tape, 'knob', 0) >= 4 && at(tape, 'cancel', 2) === 1 && at(tape, 'event/paid', 1) >= 1,
      { cancel: [0, 0, 1], knob: [4], 'event/paid': [0, 1] },
    ],
    [
      'two decisions that only go together',
      tape => at(tape, 'crash', 1) === at(tape, 'cancel', 2),
      {},
    ],
    [
      'either of two streams, one of a kind of its own',
      tape => at(tape, 'own-kind/x', 0) > 0 || at(tape, 'schedule', 0) > 0,
      { schedule: [1] },
    ],
    [
      'all of a kind or nothing of it',
      tape => {
        const events = [...tape.keys()].filter(stream => stream.startsWith('event')).length
        return at(tape, 'crash', 1) === 1 && (events === 0 || events === 3)
      },
      { crash: [0, 1] },
    ],
    [
      'either of two streams, the less disturbing one stays',
      tape => at(tape, 'write', 2) > 0 || at(tape, 'schedule', 0) > 0,
      { schedule: [1] },
    ],
  ]

  test.each(cases)('%s', async (_, isBug, expected) => {
    const found = await shrink(options(big, isBug))
    expect(found && printTape(found.tape)).toBe(printTape(new Map(Object.entries(expected))))
    expect(found?.isMinimal).toBe(true)
  })

  test('is found wherever the decisions are that a failure needs', async () => {
    const place = fc.record({
      stream: fc.constantFrom('crash', 'schedule', 'outcome/a', 'x'),
      at: fc.nat(20),
      value: fc.integer({ min: 1, max: 50 }),
    })
    await fc.assert(
      fc.asyncProperty(
        tapes,
        fc.uniqueArray(place, { selector: ({ stream, at }) => `${stream} ${at}`, maxLength: 4 }),
        async (noise, needed) => {
          const start = new Map([...noise].map(([stream, values]) => [stream, values.slice(0, 40)]))
          const least = new Map<string, number[]>()
          for (const { stream, at, value } of needed)
            for (const tape of [start, least]) {
              const values = tape.get(stream) ?? []
              while (values.length <= at) values.push(0)
              values[at] = tape === start ? value * 3 : value
              tape.set(stream, values)
            }
          const isBug = (tape: Tape): boolean =>
            needed.every(({ stream, at: index, value }) => at(tape, stream, index) >= value)
          const found = await shrink(options(start, isBug))
          expect(printTape(found!.tape)).toBe(printTape(least))
        },
      ),
    )
  })
})

test('what is found fails, is no larger than the start, and nothing just below it fails', async () => {
  await fc.assert(
    fc.asyncProperty(tapes, fc.string(), async (start, seed) => {
      const tape = new Map([...start].map(([stream, values]) => [stream, values.slice(0, 12)]))
      const isBug = (candidate: Tape): boolean =>
        candidate === tape || new Rng(seed + printTape(candidate)).chance(0.3)
      const found = await shrink(options(tape, isBug))
      expect(found!.isMinimal).toBe(true)
      if (printTape(found!.tape) === printTape(tape)) return
      expect(isBug(found!.tape)).toBe(true)
      for (const [stream, values] of found!.tape) {
        const others = new Map(found!.tape)
        others.delete(stream)
        expect(isBug(others)).toBe(false)
        for (const [index, value] of values.entries())
          if (value !== 0)
            expect(isBug(new Map(found!.tape).set(stream, values.with(index, 0)))).toBe(false)
      }
    }),
  )
})

describe('a trial that reads less, or other numbers, than it was given', () => {
  test('is taken at what it read', async () => {
    const fails = async (tape: Tape): Promise<Failure<Decision[]> | undefined> => {
      const recorder = new Recorder(tapeSource(tape))
      const crash = recorder.choose('crash', 2)
      const fate = recorder.choose('write', 5)
      const failed = crash === 1 && fate >= 2
      return failed ? { tape: recorder.tape(), result: recorder.decisions } : undefined
    }
    const tape = new Map([
      ['crash', [2 ** 40 + 1, 1, 1, 1]],
      ['write', [1_003]],
      ['schedule', [1, 2, 3]],
    ])
    const found = await shrink({ tape, fails, cost: () => [], budget: 50, isOver: () => false })
    expect(found).toMatchObject({
      tape: new Map([
        ['crash', [1]],
        ['write', [2]],
      ]),
      isMinimal: true,
    })
    expect(found!.result.map(({ value }) => value)).toEqual([1, 2])
    expect(found!.trials).toBeLessThan(12)
  })

  test('gives the tape that belongs to the result, however early it stops', async () => {
    const fails = async (tape: Tape): Promise<Failure<Tape> | undefined> => {
      const recorder = new Recorder(tapeSource(tape))
      const orders: number[] = []
      for (let crash = 0; crash < 2; crash++)
        for (let more = recorder.choose('crash', 4); more > 0; more--)
          orders.push(recorder.choose('schedule', 3))
      const failed = orders.length > 0 && !orders.includes(0)
      return failed ? { tape: recorder.tape(), result: recorder.tape() } : undefined
    }
    const tape = new Map([
      ['crash', [7, 3, 1]],
      ['schedule', [2, 5, 8, 1, 1, 4, 1]],
      ['knob', [1]],
    ])
    for (let budget = 1; budget < 20; budget++) {
      const found = await shrink({ tape, fails, cost: () => [], budget, isOver: () => false })
      expect(found!.tape).toEqual(found!.result)
    }
  })

  test('shrinks a whole trial to what matters', async () => {
    const fails = async (tape: Tape): Promise<Failure<null> | undefined> => {
      const recorder = new Recorder(tapeSource(tape))
      const decisions = ordinary((stream, _, n) => recorder.choose(stream, n))
      const strikes = decisions.findIndex(({ stream, value }) => stream === 'crash' && value === 1)
      const failsAfter = decisions.some(
        ({ stream, value }, at) => at > strikes && stream.startsWith('outcome') && value === 3,
      )
      return strikes >= 0 && failsAfter ? { tape: recorder.tape(), result: null } : undefined
    }
    const recorder = new Recorder((_, __, n) => n - 1)
    ordinary((stream, _, n) => recorder.choose(stream, n))
    const found = await shrink({
      tape: recorder.tape(),
      fails,
      cost: () => [],
      budget: 500,
      isOver: () => false,
    })
    expect(
      [...found!.tape.values()]
        .flat()
        .filter(value => value !== 0)
        .toSorted(),
    ).toEqual([1, 3])
  })
})

describe('pairs', () => {
  test('of decisions that depend on each other are taken away together', async () => {
    // An even number of crashes and cancels, as each one undoes the other.
    const count = (tape: Tape): number =>
      [...tape.values()].flat().filter(value => value !== 0).length
    const tape = new Map([
      ['crash', [1, 0, 1]],
      ['cancel', [1]],
      ['clock', [0, 1]],
    ])
    const found = await shrink(options(tape, candidate => count(candidate) % 2 === 0))
    expect(found!.tape).toEqual(new Map())
    const three = await shrink(
      options(new Map([...tape, ['knob', [1]]]), candidate => count(candidate) % 2 === 1),
    )
    expect(count(three!.tape)).toBe(1)
  })

  test('of one stream too', async () => {
    const isOdd = (tape: Tape): boolean =>
      (tape.get('schedule') ?? []).reduce((sum, value) => sum + value, 0) % 2 === 1
    const found = await shrink(options(new Map([['schedule', [1, 0, 1, 0, 1]]]), isOdd))
    expect(found!.tape.get('schedule')!.filter(value => value !== 0)).toEqual([1])
  })

  test('a fault goes, and the orders after it move up by one', async () => {
    // A crash takes one more move to recover from, so that the same order is one place later.
    const isBug = (tape: Tape): boolean => {
      const shift = at(tape, 'crash', 0) > 0 ? 1 : 0
      return (
        at(tape, 'schedule', 2 + shift) === 2 &&
        at(tape, 'schedule', 5 + shift) === 1 &&
        (shift === 1 || at(tape, 'schedule', 0) === 0)
      )
    }
    const tape = new Map([
      ['crash', [1]],
      ['schedule', [0, 0, 0, 2, 0, 0, 1]],
    ])
    const found = await shrink(options(tape, isBug))
    expect(found!.tape).toEqual(new Map([['schedule', [0, 0, 2, 0, 0, 1]]]))
  })
})

describe('cost', () => {
  const tape = new Map([
    ['crash', [1]],
    ['schedule', [1, 1, 1]],
  ])
  const long = (candidate: Tape, stream: string): number => candidate.get(stream)?.length ?? 0
  const fails = async (candidate: Tape): Promise<Failure<Tape>> => ({
    tape: candidate,
    result: candidate,
  })
  const shrunkBy = async (cost: (result: Tape) => number[]): Promise<Tape> =>
    (await shrink({ tape, fails, cost, budget: 500, isOver: () => false }))!.tape

  test('comes before the size of the tape', async () => {
    const found = await shrunkBy(result => [long(result, 'crash') - long(result, 'schedule')])
    expect(found).toEqual(new Map([['schedule', [0, 0, 1]]]))
  })

  test('is compared number by number', async () => {
    const cost = (result: Tape): number[] => [long(result, 'crash'), -long(result, 'schedule')]
    // Worse by the second number, better by the first.
    expect(await shrunkBy(cost)).toEqual(new Map())
    expect(await shrunkBy(result => cost(result).reverse())).toEqual(
      new Map([['schedule', [0, 0, 1]]]),
    )
  })

  test('leaves it to the size of the tape if it is equal', async () => {
    expect(await shrunkBy(() => [4, 2])).toEqual(new Map())
  })
})

describe('limits', () => {
  const isBug = (tape: Tape): boolean => at(tape, 'crash', 4) > 0

  test('a tape that does not fail is not shrunk', async () => {
    expect(await shrink(options(big, () => false))).toBeUndefined()
  })

  test('no more trials than the budget, and the best so far is given', async () => {
    const full = await shrink(options(big, isBug))
    let before: Shrunk<null> | undefined
    for (let budget = 1; budget <= full!.trials; budget++) {
      let trials = 0
      const fails = (tape: Tape): Promise<Failure<null> | undefined> => {
        trials++
        return failing(isBug)(tape)
      }
      const found = await shrink(options(big, isBug, { budget, fails }))
      expect(trials).toBe(found!.trials)
      expect(trials).toBeLessThanOrEqual(budget)
      expect(isBug(found!.tape)).toBe(true)
      if (budget < full!.trials) expect(found!.isMinimal).toBe(false)
      else expect(found).toEqual(full)
      if (budget === 1) expect(found!.tape).toEqual(big)
      before = found
    }
    expect(before!.tape).toEqual(new Map([['crash', [0, 0, 0, 0, 1]]]))
  })

  test('stops when time is up', async () => {
    let asked = 0
    const found = await shrink(options(big, isBug, { isOver: () => ++asked > 3 }))
    expect(found).toMatchObject({ trials: 4, isMinimal: false })
  })

  test('never runs the same tape twice, and does the same every time', async () => {
    const run = async (): Promise<string[]> => {
      const seen: string[] = []
      await shrink(
        options(big, isBug, {
          fails: tape => {
            seen.push(printTape(tape))
            return failing(isBug)(tape)
          },
        }),
      )
      return seen
    }
    const seen = await run()
    expect(new Set(seen).size).toBe(seen.length)
    expect(await run()).toEqual(seen)
  })

  test('takes few trials', async () => {
    const found = await shrink(options(big, isBug))
    expect(found!.trials).toBeLessThan(40)
  })
})
