import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Entry, Record } from '../../journal/entry.ts'
import { align } from '../../src/cli/diff/align.ts'
import { valueDiff } from '../../src/cli/diff/value-diff.ts'
import { flowchart } from '../../src/cli/graph/flowchart.ts'
import { quoted } from '../../src/cli/graph/mermaid-text.ts'
import { RunTrace } from '../../src/cli/graph/observed.ts'
import { Tallies } from '../../src/cli/graph/tallies.ts'
import { plain } from '../../src/cli/plain.ts'
import { diffRecord } from '../../src/cli/records/diff.ts'
import { graphRecord, statechartRecord } from '../../src/cli/records/graph.ts'
import { Secrets } from '../../src/inspect/secrets.ts'
import { placesOf, type Situations, situations } from './situations.ts'

let journals: Situations

beforeAll(async () => {
  journals = await situations()
})

afterAll(() => journals.end())

const BYTES = new Uint8Array([0xc0])

/** The flowchart of runs whose records are made of these entries. */
function drawn(...runs: readonly (readonly (readonly Entry[])[])[]): string {
  const tallies = new Tallies()
  for (const [n, turns] of runs.entries()) {
    const trace = new RunTrace(`r${n}`, tallies)
    let seq = 0
    for (const entries of turns) {
      const record: Record = { run: `r${n}`, seq, at: seq, elapsed: seq, entries }
      trace.take(record)
      seq += entries.length
    }
    trace.finish()
  }
  return `\n${flowchart(tallies)}`
}

const scheduled: Entry = { type: 'run.scheduled', workflow: 'w', data: BYTES, seed: 's' }
const begin = (...asked: Entry[]): Entry[] => [{ type: 'run.started' }, ...asked]
const step = (id: string): Entry => ({ type: 'step.scheduled', id })
const done = (of: number, ...asked: Entry[]): Entry[] => [
  { type: 'step.succeeded', of, attempt: 0, value: BYTES },
  ...asked,
]
const failed = (of: number, retryAt: number | undefined, ...asked: Entry[]): Entry[] => [
  { type: 'step.failed', of, attempt: 0, error: BYTES, ...(retryAt !== undefined && { retryAt }) },
  ...asked,
]
const completed: Entry = { type: 'run.completed', output: BYTES }

describe('graph', () => {
  test('joins branches where the code goes on, whichever came first', () => {
    const first = [
      [scheduled],
      begin(step('a'), step('b')),
      done(2),
      done(3, step('c')),
      done(6, completed),
    ]
    const other = [
      [scheduled],
      begin(step('a'), step('b')),
      done(3),
      done(2, step('c')),
      done(6, completed),
    ]
    expect(drawn(first, other)).toMatchInlineSnapshot(`
      "
      flowchart TD
        n0(["start()<br>2"])
        n1{"parallel"}
        n2["a<br>2"]
        n3["b<br>2"]
        n4["c<br>2"]
        n5(("completed<br>2"))
        n0 -->|"2"| n1
        n1 -->|"2"| n2
        n1 -->|"2"| n3
        n2 -->|"2"| n4
        n3 -->|"2"| n4
        n4 -->|"2"| n5
      "
    `)
  })

  test('tells failures, retries, loops and what is sent', () => {
    const sent: Entry = { type: 'event.sent', id: 'tell', events: [{ name: 'app/"x"', id: 'e' }] }
    const turns = [
      [scheduled],
      begin(step('page')),
      done(2, step('page:1')),
      failed(4, 10),
      [{ type: 'timer.fired', of: 4 } as const],
      failed(4, undefined, sent, step('tidy')),
    ]
    expect(drawn(turns)).toMatchInlineSnapshot(`
      "
      flowchart TD
        n0(["start()<br>1"])
        n1["page<br>2 in 1 run, 1 retried, 1 failed"]
        n2>"send tell<br>app/#34;x#34;<br>1"]
        n3["tidy<br>1, 1 now"]
        n0 -->|"1"| n1
        n1 -->|"1"| n1
        n1 -.->|"1 failed"| n2
        n2 -->|"1"| n3
      "
    `)
  })

  test.each([0, 1, 2])('is the same in each situation (%i)', async at => {
    const [, place] = placesOf(journals)[at]!
    const { status, out } = await journals.run('graph', 'nap', '-d', place)
    expect(status).toBe(0)
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      flowchart TD
        n0(["start()<br>1"])
        n1[/"sleep short<br>1"/]
        n2{"parallel"}
        n3[/"sleep new year<br>1, 1 now"/]
        n4[/"sleep sleep<br>1, 1 now"/]
        n0 -->|"1"| n1
        n1 -->|"1"| n2
        n2 -->|"1"| n3
        n2 -->|"1"| n4
      "
    `)
  })

  test('of a cancelled run leads from what it waited for', async () => {
    const { out } = await journals.run('graph', 'patient', '-d', journals.killed)
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      flowchart TD
        n0(["start()<br>1"])
        n1[/"sleep sleep<br>1"/]
        n2["tidy up<br>1"]
        n3(("cancelled<br>1"))
        n0 -->|"1"| n1
        n1 -.->|"1 cancelled"| n2
        n2 -->|"1"| n3
      "
    `)
  })

  test('is a record, of some runs only', async () => {
    const args = ['graph', 'endless', '-d', journals.killed, '--limit', '1', '--json']
    const record = graphRecord.parse(JSON.parse((await journals.run(...args)).out))
    expect(record).toMatchObject({ workflow: 'endless', runs: 1 })
    const all = await journals.run('graph', 'endless', '-d', journals.killed, '--json')
    expect(graphRecord.parse(JSON.parse(all.out)).runs).toBe(3)
    const late = await journals.run(
      'graph',
      'endless',
      '-d',
      journals.killed,
      '--since',
      '2031-01-01',
    )
    expect(late).toMatchObject({ status: 3, out: '' })
  })

  test('of an unknown workflow says which there are', async () => {
    const { status, err } = await journals.run('graph', 'napp', '-d', journals.killed)
    expect(status).toBe(3)
    expect(err).toContain(
      'There are no runs of workflow napp.\n  There are runs of broken, endless,',
    )
    expect(await journals.run('graph', '-d', journals.killed)).toMatchObject({ status: 2 })
  })

  test('--state shows the lifecycle, and how many are where', async () => {
    const { status, out } = await journals.run('graph', '--state')
    expect(status).toBe(0)
    expect(out).toContain('stateDiagram-v2\n  [*] --> scheduled\n')
    expect(out).toContain('  paused --> running : run.resumed<br>run.cancel_requested\n')
    expect(out).toContain('  failed --> [*]\n')
    const of = await journals.run('graph', 'endless', '--state', '--json', '-d', journals.dump)
    const record = statechartRecord.parse(JSON.parse(of.out))
    expect(record.states.find(({ name }) => name === 'completed')).toMatchObject({ runs: 3 })
    expect(record.mermaid).toContain('completed : completed (3)')
  })
})

describe('diff', () => {
  test.each([0, 1, 2])('of two runs that went other ways (situation %i)', async at => {
    const [, place] = placesOf(journals)[at]!
    const { status, out } = await journals.run('diff', 'a-greeting', 'b-payment', '-d', place)
    expect(status).toBe(6)
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      a  a-greeting  greeting  ✓ completed  0ms
      b  b-payment   payment   ✓ completed  10s

      input differs at
        $  {"name":"Ada"} → null

         STEP     A      B                  DIFFERS
      -  compose  ✓ 0ms
      +  charge          ✓ 10s, 2 attempts

      output differs at
        $  "Hello Ada" → {"charged":{"$":["bigint","c"]},"at":{"$":["date","2030-01-01T00:00:00.000Z"]}}

      not the same: 1 step only in a, 1 step only in b
      "
    `)
  })

  test('of runs that took the same steps is none', async () => {
    const { status, out } = await journals.run('diff', 'f-endless', 'next-1', '-d', journals.killed)
    expect(status).toBe(0)
    expect(out).toContain('input differs at\n  $  0 → 1\n')
    expect(out).toContain('\nthe same steps, with the same outcome\n')
  })

  test('fits 80 columns, in ASCII', async () => {
    const args = ['diff', 'a-greeting', 'd-patient', '-d', journals.killed, '--ascii', '--width=80']
    const { out } = await journals.run(...args)
    expect(out).toMatch(/^[\n\x20-\x7e]*$/)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('is a record', async () => {
    const args = ['diff', 'g-listening', 'h-listening', '-d', journals.killed, '--json']
    const { status, out } = await journals.run(...args)
    const record = diffRecord.parse(JSON.parse(out))
    expect(status).toBe(6)
    expect(record).toMatchObject({
      ...{ same: false, a: { id: 'g-listening' }, b: { id: 'h-listening' } },
      input: [{ path: '$.user', a: 0, b: 1 }],
    })
  })

  test('counts another status, where no step differs', async () => {
    const { status, out } = await journals.run('diff', 'e-broken', 'next-2', '-d', journals.killed)
    expect(status).toBe(6)
    expect(out).toMatch(/\nnot the same: failed and completed\n$/)
  })

  test('of a run that is not there', async () => {
    const said = await journals.run('diff', 'a-greeting', 'nobody', '-d', journals.killed)
    expect(said).toMatchObject({ status: 3, out: '' })
  })
})

describe('values that differ', () => {
  const secrets = new Secrets()
  const changes = (a: unknown, b: unknown) =>
    valueDiff({ value: a, shown: secrets.mask(a) }, { value: b, shown: secrets.mask(b) })

  test.each<[unknown, unknown, unknown]>([
    [{ a: 1 }, { a: 1 }, []],
    [1, 2, [{ path: '$', a: 1, b: 2 }]],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, [{ path: '$.a[1].b', a: 2, b: 3 }]],
    [
      { a: 1 },
      { 'b c': 2 },
      [
        { path: '$.a', a: 1 },
        { path: '$["b c"]', b: 2 },
      ],
    ],
    [{ a: null }, {}, [{ path: '$.a', a: null }]],
    [[1], { 0: 1 }, [{ path: '$', a: [1], b: { 0: 1 } }]],
    [
      { $: ['date', 'x'] },
      { $: ['date', 'y'] },
      [{ path: '$', a: { $: ['date', 'x'] }, b: { $: ['date', 'y'] } }],
    ],
    [
      { password: 'a', token: { x: 1 } },
      { password: 'b', token: { x: 2 } },
      [
        { path: '$.password', a: '‹redacted›', b: '‹redacted›' },
        { path: '$.token', a: '‹redacted›', b: '‹redacted›' },
      ],
    ],
  ])('%j and %j', (a, b, expected) => expect(changes(a, b)).toEqual(expected))
})

test('lists are aligned along a longest common subsequence', () => {
  const list = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 9 })
  fc.assert(
    fc.property(list, list, (a, b) => {
      const pairs = align(a, b, String)
      expect(pairs.flatMap(pair => pair.a ?? [])).toEqual(a)
      expect(pairs.flatMap(pair => pair.b ?? [])).toEqual(b)
      const met = pairs.filter(pair => pair.a !== undefined && pair.b !== undefined)
      for (const pair of met) expect(pair.a).toBe(pair.b)
      expect(met.length).toBe(lcs(a, b))
    }),
  )
})

function lcs([a, ...restA]: readonly number[], b: readonly number[]): number {
  if (a === undefined) return 0
  const at = b.indexOf(a)
  const without = lcs(restA, b)
  return at === -1 ? without : Math.max(without, 1 + lcs(restA, b.slice(at + 1)))
}

describe('a label of Mermaid', () => {
  const odd = ['end', 'subgraph', 'o', '"', '"]', '`x`', '#35;', '#', 'a;b', '<br>', '</b>', '&lt;']
  const marked = ['1. pay', '- pay', '* pay', '*pay*', '__init__', '_a_', '~~no~~', '[a](b)', '---']
  const others = [
    'restyle:"x"',
    'classDef:#',
    'a|b',
    '{{x}}',
    '(x)',
    '%% no',
    '%%{init}%%',
    'é 日本 🙂',
  ]

  test.each([...odd, ...marked, ...others])('reads %s as it is', id => {
    const label = quoted([id])
    expect(label).toMatch(/^"[^"`<>\\;#]*(?:#\d+;[^"`<>\\;#]*)*"$/)
    expect(readByMermaid(label)).toBe(id)
    expect(label).not.toMatch(/^"([*+-]|\d+[.)])(\s|"$)|\*|~|\[|(^|\W)_|_(\W|$)/)
  })

  test('keeps what is usual readable', () => {
    expect(quoted(['charge_card:1', '2 of 3'])).toBe('"charge_card:1<br>2 of 3"')
  })

  test('may be anything', () => {
    const id = fc.string({ unit: fc.constantFrom(...'ab1_*#;:"`<>&[]{}()|\\-.+~ é', 'style') })
    fc.assert(
      fc.property(id, id => {
        expect(readByMermaid(quoted([id]))).toBe(plain(id))
      }),
    )
  })
})

/** What Mermaid takes for an entity, once it has cut what it takes for a style. */
function readByMermaid(label: string): string {
  const line = `  n0[${label}]`
  const cut = line
    .replace(/style.*:\S*#.*;/g, all => all.slice(0, -1))
    .replace(/classDef.*:\S*#.*;/g, all => all.slice(0, -1))
  const read = cut.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  return read.slice('  n0["'.length, -'"]'.length)
}
