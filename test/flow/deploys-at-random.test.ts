import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jobs, nameOf, Story } from './story.ts'

const numRuns = 40 * Number(process.env.PERDURE_RUNS ?? 1)

const gathering = {
  none: {},
  batch: { batchEvents: { maxSize: 3, timeout: '10s' } },
  last: { debounce: { period: '5s' } },
  all: { debounce: { period: '5s', mode: 'all' } },
  slower: { debounce: { period: '9s', mode: 'all' } },
  bounded: { debounce: { period: '5s', timeout: '7s', mode: 'all' } },
  leading: { debounce: { period: '5s', edge: 'leading' } },
} as const

const FORGETFUL = ['last', 'leading']

const names = <Key extends string>(of: { readonly [Each in Key]: object }): fc.Arbitrary<Key> =>
  fc.constantFrom(...(Object.keys(of) as Key[]))

test('whatever a deploy makes of what gathers, nothing is lost that is to be kept, nor there twice', async () => {
  const phases = fc.array(fc.tuple(names(gathering), fc.nat(3), fc.nat(6)), {
    minLength: 2,
    maxLength: 6,
  })
  const property = fc.asyncProperty(phases, async phases => {
    await using t = await Story.of(jobs())
    const kept: string[] = []
    let count = 0
    for (const [form, sends, seconds] of phases) {
      await t.crash(jobs(gathering[form]))
      for (let each = 0; each < sends; each++) {
        const name = `${count++}`
        await t.send(name)
        if (!FORGETFUL.includes(form)) kept.push(name)
      }
      await t.pass(seconds * 1_000)
    }
    await t.pass('1m')
    const begun = t.told.filter(line => line.includes('+'))
    const inside = begun.flatMap(line => line.replace(/^.*\+/, '').split(','))
    expect(new Set(inside).size).toBe(inside.length)
    expect(kept.filter(name => !inside.includes(name))).toEqual([])
    expect(t.engine.stats()).toMatchObject({ runs: 0, gatheringRuns: 0 })
  })
  await fc.assert(property, { numRuns })
})

const limits = {
  away: {},
  sliding: { rateLimit: { limit: 2, period: '10s' } },
  fixed: { rateLimit: { limit: 2, period: '10s', algorithm: 'fixed' } },
  gcra: { rateLimit: { limit: 2, period: '10s', algorithm: 'gcra' } },
  longer: { rateLimit: { limit: 2, period: '1m' } },
} as const

test('whatever counted before, a sliding window has let in no more than it may', async () => {
  const phases = fc.array(fc.tuple(names(limits), fc.integer({ min: 1, max: 12 })), {
    minLength: 2,
    maxLength: 6,
  })
  const property = fc.asyncProperty(phases, async phases => {
    await using t = await Story.of(jobs())
    const under: (keyof typeof limits)[] = []
    for (const [limit, seconds] of phases) {
      await t.crash(jobs(limits[limit]))
      for (let each = 0; each < seconds; each++) {
        await t.send(`${under.push(limit) - 1}`)
        await t.pass('1s')
      }
    }
    // One a second, each named by its second.
    const letIn = t.runs().flatMap(run => (run.status === 'completed' ? [Number(nameOf(run))] : []))
    const counted = letIn.filter(at => under[at] !== 'away')
    for (const at of counted.filter(at => under[at] === 'sliding')) {
      expect(counted.filter(each => each > at - 10 && each <= at).length).toBeLessThanOrEqual(2)
    }
  })
  await fc.assert(property, { numRuns })
})

test('a run is cancelled only when it has had as long as its workflow says by then', async () => {
  const spans = [undefined, 2, 4, 7] as const
  const phases = fc.array(fc.tuple(fc.constantFrom(...spans), fc.integer({ min: 1, max: 4 })), {
    minLength: 2,
    maxLength: 6,
  })
  const property = fc.asyncProperty(phases, async phases => {
    const by = (span: (typeof spans)[number]) =>
      jobs(span === undefined ? {} : { timeouts: { finish: `${span}s` } })
    const [[first] = []] = phases
    await using t = await Story.of(by(first))
    await t.send({ name: 'a', takes: '1h' })
    // When it is over, as far as has been found out: asked anew whenever that is reached.
    let due = first
    let now = 0
    for (const [span, seconds] of phases) {
      await t.crash(by(span))
      for (let each = 0; each < seconds; each++) {
        await t.pass('1s')
        now++
        if (due !== undefined && now === due) due = span !== undefined && span <= due ? due : span
        expect(t.run('a').status).toBe(due !== undefined && due <= now ? 'cancelled' : 'running')
      }
    }
  })
  await fc.assert(property, { numRuns })
})
