import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Entry } from '../../journal/entry.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { chromeTrace } from '../../src/cli/export/chrome-trace.ts'
import { mermaidGantt } from '../../src/cli/export/gantt.ts'
import { htmlReport } from '../../src/cli/export/html.ts'
import type { Looks } from '../../src/cli/looks.ts'
import { runDetailRecord } from '../../src/cli/records/run-detail.ts'
import { runDetailOf } from '../../src/cli/run-detail.ts'
import { failureOf } from '../../src/cli/run-failure.ts'
import { found } from '../../src/cli/show.ts'
import { type ShowOptions, showText } from '../../src/cli/show-text.ts'
import { widthOf } from '../../src/cli/width.ts'
import { Secrets } from '../../src/inspect/secrets.ts'
import { type Timeline, timelineOf } from '../../src/inspect/timeline.ts'
import { billed } from './billed.ts'
import { shop, shopTimeline } from './shop.ts'

const NOW = Date.UTC(2026, 0, 1, 0, 10)
const ESCAPE = String.fromCharCode(27)

let runs: ReadonlyMap<string, readonly StoredRecord[]>
beforeAll(async () => {
  runs = await shop()
})

function shown(
  workflow: string,
  looks: Partial<Looks> = {},
  more: Partial<ShowOptions> = {},
): string {
  const timeline = shopTimeline(runs, workflow)
  const all: Looks = {
    ...{ columns: 100, colors: false, ascii: false, time: 'iso', isTerminal: false },
    ...looks,
  }
  const options = { now: NOW, secrets: new Secrets(), ...more }
  return sized(`\n${showText(timeline, all, options, found(failureOf(timeline), process.cwd()))}`)
}

// Stored errors have stacks, which name the directory that this is in.
const sized = (text: string): string => text.replace(/(entries [·-] )[\d.]+/, '$12.1')

/** Colours as they can be read: `[31]red[39]`. */
const readable = (text: string): string =>
  text.replaceAll(`${ESCAPE}[`, '[').replace(/\[(\d+)m/g, '[$1]')

describe('a run that failed', () => {
  test('at 100 columns', () => {
    expect(shown('fulfil-order')).toMatchInlineSnapshot(`
      "
      fulfil-order  run_01kdvdna0000000000000000  ✗ failed  3m 11s
      5 steps · 8 attempts · 23 entries · 2.1 kB
      trigger   shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, password: "‹redacted›"}
      at        2026-01-01T00:00:00.000Z

                                         0ms      2s    ≈3m≈        ≈4.5s≈   +3m7s         +3m10s
        1  ✓ reserve-stock               █                                                           212ms
        2  ✓ charge-card                 ██░░░░░█                                                     1.7s
        3 ┌✓ mail-receipt                        █                                                   230ms
        4 └✓ mail-warehouse                      ███                                                 504ms
        5  ✓ cool-off  sleep 3m                     ─────────────                                       3m
        6  ✓ picked  wait shop/picked 1d                         ────────────                         4.5s
        7  ✗ ship                                                            ██░░░░░██░░░░░░░░░██✗    4.4s
         █ running  ░ backoff  ─ sleeping or waiting  ✗ failed  ≈ idle, collapsed

      ✗ step "ship" failed, 3 attempts                                              test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
          39 |       await step.run('ship', async () => {
          40 |         await after(480)
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 for \${event.name}\`)
             |               ^
          42 |       })
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
  })

  test('at 80 columns', () => {
    expect(shown('fulfil-order', { columns: 80 })).toMatchInlineSnapshot(`
      "
      fulfil-order  run_01kdvdna0000000000000000  ✗ failed  3m 11s
      5 steps · 8 attempts · 23 entries · 2.1 kB
      trigger   shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, passwo…
      at        2026-01-01T00:00:00.000Z

                                         0ms      ≈3m≈    ≈4.5s≈ +3m7s
        1  ✓ reserve-stock               █                                       212ms
        2  ✓ charge-card                 █░░░█                                    1.7s
        3 ┌✓ mail-receipt                     █                                  230ms
        4 └✓ mail-warehouse                   ██                                 504ms
        5  ✓ cool-off  sleep 3m                 ─────────                           3m
        6  ✓ picked  wait shop/picked 1d                 ────────                 4.5s
        7  ✗ ship                                                █░░░█░░░░░░█✗    4.4s
         █ running  ░ backoff  ─ sleeping or waiting  ✗ failed  ≈ idle, collapsed

      ✗ step "ship" failed, 3 attempts                          test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
          39 |       await step.run('ship', async () => {
          40 |         await after(480)
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 f
             |               ^
          42 |       })
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
  })

  test('at 120 columns', () => {
    expect(shown('fulfil-order', { columns: 120 })).toMatchInlineSnapshot(`
      "
      fulfil-order  run_01kdvdna0000000000000000  ✗ failed  3m 11s  5 steps · 8 attempts · 23 entries · 2.1 kB
      trigger   shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, password: "‹redacted›"}
      at        2026-01-01T00:00:00.000Z

                                         0ms           2s      ≈3m≈        ≈4.5s≈   +3m7s  +3m8s          +3m10s
        1  ✓ reserve-stock               █                                                                               212ms
        2  ✓ charge-card                  ███░░░░░░░███                                                                   1.7s
        3 ┌✓ mail-receipt                              █                                                                 230ms
        4 └✓ mail-warehouse                            ████                                                              504ms
        5  ✓ cool-off  sleep 3m                            ─────────────                                                    3m
        6  ✓ picked  wait shop/picked 1d                                ────────────                                      4.5s
        7  ✗ ship                                                                   ███░░░░░░░░████░░░░░░░░░░░░░░░███✗    4.4s
         █ running  ░ backoff  ─ sleeping or waiting  ✗ failed  ≈ idle, collapsed

      ✗ step "ship" failed, 3 attempts                                                                  test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
          39 |       await step.run('ship', async () => {
          40 |         await after(480)
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 for \${event.name}\`)
             |               ^
          42 |       })
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
  })

  test('in ASCII, at 80 columns', () => {
    const text = shown('fulfil-order', { columns: 80, ascii: true })
    expect(text).toMatchInlineSnapshot(`
      "
      fulfil-order  run_01kdvdna0000000000000000  X failed  3m 11s
      5 steps - 8 attempts - 23 entries - 2.1 kB
      trigger   shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, passwo~
      at        2026-01-01T00:00:00.000Z

                                         0ms     //3m//  //4.5s//
        1  v reserve-stock               #                                       212ms
        2  v charge-card                 #~~~#                                    1.7s
        3 |v mail-receipt                     #                                  230ms
        4 |v mail-warehouse                   ##                                 504ms
        5  v cool-off  sleep 3m                 ---------                           3m
        6  v picked  wait shop/picked 1d                 --------                 4.5s
        7  X ship                                                #~~~#~~~~~~#x    4.4s
         # running  ~ backoff  - sleeping or waiting  x failed  // idle, collapsed

      X step "ship" failed, 3 attempts                          test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
          39 |       await step.run('ship', async () => {
          40 |         await after(480)
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 f
             |               ^
          42 |       })
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('in colours, at 80 columns', () => {
    expect(readable(shown('fulfil-order', { columns: 80, colors: true }))).toMatchInlineSnapshot(`
      "
      [1]fulfil-order[22]  run_01kdvdna0000000000000000  [31]✗ failed[39]  3m 11s
      [2]5 steps · 8 attempts · 23 entries · 2.1 kB[22]
      [2]trigger   [22]shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, passwo…
      [2]at        [22]2026-01-01T00:00:00.000Z

                                         [2]0ms      ≈3m≈    ≈4.5s≈ +3m7s[22]
        1  [32]✓[39] reserve-stock               [32]█[39]                                       212ms
        2  [32]✓[39] charge-card                 [32]█[39][33]░░░[39][32]█[39]                                    1.7s
        3 ┌[32]✓[39] mail-receipt                     [32]█[39]                                  230ms
        4 └[32]✓[39] mail-warehouse                   [32]██[39]                                 504ms
        5  [32]✓[39] cool-off  sleep 3m                 [34]─────────[39]                           3m
        6  [32]✓[39] picked  wait shop/picked 1d                 [34]────────[39]                 4.5s
        7  [31]✗[39] ship                                                [32]█[39][33]░░░[39][32]█[39][33]░░░░░░[39][32]█[39][31]✗[39]    4.4s
      [2]   █ running  ░ backoff  ─ sleeping or waiting  ✗ failed  ≈ idle, collapsed[22]

      [31]✗ step "ship" failed, 3 attempts[39]                          test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
      [2]    39 |       await step.run('ship', async () => {[22]
      [2]    40 |         await after(480)[22]
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 f
      [31]       |               ^[39]
      [2]    42 |       })[22]
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
  })

  test('with its idle time as long as it was', () => {
    expect(shown('fulfil-order', { columns: 80 }, { collapse: false })).toMatchInlineSnapshot(`
      "
      fulfil-order  run_01kdvdna0000000000000000  ✗ failed  3m 11s
      5 steps · 8 attempts · 23 entries · 2.1 kB
      trigger   shop/order.placed evt-4tq1 {orderId: "ord_8812", total: 129.5, passwo…
      at        2026-01-01T00:00:00.000Z

                                         0ms        1m          2m         3m
        1  ✓ reserve-stock               █                                       212ms
        2  ✓ charge-card                 █                                        1.7s
        3 ┌✓ mail-receipt                █                                       230ms
        4 └✓ mail-warehouse              █                                       504ms
        5  ✓ cool-off  sleep 3m          ───────────────────────────────────        3m
        6  ✓ picked  wait shop/picked 1d                                    ─     4.5s
        7  ✗ ship                                                            ✗    4.4s
         █ running  ░ backoff  ─ sleeping or waiting  ✗ failed

      ✗ step "ship" failed, 3 attempts                          test/cli/shop.ts:41:15
        CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed
          39 |       await step.run('ship', async () => {
          40 |         await after(480)
        > 41 |         throw new CarrierDown(\`POST https://carrier.test/labels: 503 f
             |               ^
          42 |       })
        attempts  00:03:07.480  00:03:08.960  00:03:11.440
      "
    `)
  })
})

describe('a run of many steps that goes on', () => {
  test('is folded by name', () => {
    expect(shown('crawl', { columns: 80 })).toMatchInlineSnapshot(`
      "
      crawl  crawl-1  ● running  10m  72 steps · 149 entries · 2.1 B
      trigger   start 1
      at        2026-01-01T00:00:00.000Z

                                          0ms        10s           ≈9m 39s≈
        1  ✓ tell  send crawl/began       █
        2  ✓ fetch-page ×70               p50 225ms  p95 380ms                     15s
        3  ✓ slow                                          ██████                   5s
        4  ✓ quick                                         █                      10ms
        5  ◌ sleep 1h, 50m 15s left                        ──────────────────   9m 44s
        6  ◌ night  sleep 9h, 8h 50m left                  ──────────────────   9m 44s
         █ running  ─ sleeping or waiting  ≈ idle, collapsed
         75 rows, folded by name: --all shows each
      "
    `)
  })

  test('has a row for each step on demand', () => {
    const rows = shown('crawl', { columns: 80 }, { all: true }).split('\n')
    expect(rows.filter(row => row.includes('fetch-page'))).toHaveLength(70)
    expect(rows.at(-4)).toMatchInlineSnapshot(
      `" 74 └◌ sleep 1h, 50m 15s left                        ──────────────────   9m 44s"`,
    )
  })
})

test('a run without steps is its header', () => {
  expect(shown('idle', { columns: 80 })).toMatchInlineSnapshot(`
    "
    idle  idle-1  ✓ completed  0ms  0 steps · 3 entries · 2.1 B
    trigger   start
    at        2026-01-01T00:00:00.000Z
    output    "nothing to do"
    "
  `)
})

test.each([40, 41, 59, 60, 80, 120, 300])('nothing is wider than %i columns', columns => {
  for (const workflow of ['fulfil-order', 'crawl', 'idle']) {
    for (const options of [{}, { all: true }, { collapse: false }]) {
      for (const ascii of [false, true]) {
        const wide = shown(workflow, { columns, ascii }, options).split('\n')
        expect(wide.filter(line => widthOf(line) > columns)).toEqual([])
      }
    }
  }
})

test('for programs there is one document, its secrets masked', () => {
  for (const workflow of ['fulfil-order', 'crawl', 'idle']) {
    const detail = runDetailOf(shopTimeline(runs, workflow), new Secrets())
    expect(runDetailRecord.parse(JSON.parse(JSON.stringify(detail)))).toEqual(detail)
    expect(JSON.stringify(detail)).not.toMatch(/hunter2|4111/)
  }
})

test('the picture in the README is what is printed', async () => {
  const looks = {
    columns: 90,
    colors: false,
    ascii: false,
    time: 'iso',
    isTerminal: false,
  } as const
  const text = showText(await billed(), looks, { now: NOW, secrets: new Secrets() })
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, block = ''] = /```\n\$ npx perdure show invoice-17\n([\s\S]*?)```/.exec(readme) ?? []
  expect(sized(block)).toBe(sized(text))
})

describe('export', () => {
  test('as a Mermaid chart', () => {
    expect(`\n${mermaidGantt(shopTimeline(runs, 'fulfil-order'), NOW)}`).toMatchInlineSnapshot(`
      "
      gantt
        title fulfil-order run_01kdvdna0000000000000000
        dateFormat x
        axisFormat %H:%M:%S
        section fulfil-order
        1 reserve-stock :done, s2, 1767225600000, 1767225600212
        2 charge-card :done, s4, 1767225600212, 1767225601932
        3 mail-receipt :done, s8, 1767225601932, 1767225602162
        4 mail-warehouse :done, s9, 1767225601932, 1767225602436
        5 cool-off sleep 3m :done, s12, 1767225602436, 1767225782436
        6 picked wait shop/picked 1d :done, s14, 1767225782436, 1767225787000
        7 ship :crit, done, s16, 1767225787000, 1767225791440
        failed :milestone, end, 1767225791440, 1767225791440
      "
    `)
  })

  test('as a trace: what shares a lane does not overlap, attempts lie in their spans', () => {
    for (const workflow of ['fulfil-order', 'crawl']) {
      const timeline = shopTimeline(runs, workflow)
      const { traceEvents } = JSON.parse(chromeTrace(timeline, NOW, new Secrets())) as Trace
      const spans = traceEvents.filter(({ ph, cat }) => ph === 'X' && cat !== 'attempt')
      expect(spans).toHaveLength(timeline.spans.length)
      const inside = (event: Traced) => (span: Traced) =>
        span.tid === event.tid && span.ts <= event.ts && span.ts + span.dur >= event.ts + event.dur
      for (const event of traceEvents.filter(({ ph }) => ph === 'X')) {
        expect(spans.some(inside(event))).toBe(true)
      }
      for (const lane of new Set(spans.map(({ tid }) => tid))) {
        const own = spans.filter(({ tid }) => tid === lane)
        expect(own.every(({ ts }, at) => ts >= endOf(own[at - 1]))).toBe(true)
      }
    }
    const { traceEvents } = JSON.parse(
      chromeTrace(shopTimeline(runs, 'fulfil-order'), NOW, new Secrets()),
    ) as Trace
    expect(traceEvents.filter(({ cat }) => cat === 'attempt')).toHaveLength(5)
  })

  test('as HTML: it loads nothing, runs nothing, and tells each span', () => {
    const html = htmlReport(shopTimeline(runs, 'fulfil-order'), NOW, new Secrets())
    expect(html).not.toMatch(/<script|src=|href=|url\(|@import|hunter2|4111/)
    expect(html.match(/<details/g)).toHaveLength(7)
    const text = html.replace(/<style>[\s\S]*<\/style>|<\/?(td|th)>/g, ' ').replace(/<[^>]*>/g, '')
    const lines = text
      .replaceAll('&quot;', '"')
      .split('\n')
      .filter(line => /\S/.test(line))
    expect(lines.filter(line => !/^ +at /.test(line))).toMatchInlineSnapshot(`
      [
        "fulfil-order run_01kdvdna0000000000000000",
        "fulfil-order failed",
        " run  run_01kdvdna0000000000000000  trigger  shop/order.placed evt-4tq1  data  {",
        "  "orderId": "ord_8812",",
        "  "total": 129.5,",
        "  "password": "‹redacted›"",
        "}  scheduled  2026-01-01T00:00:00.000Z  ended  2026-01-01T00:03:11.440Z  took  3m 11s  entries  23 ",
        "Timeline",
        "✓ reserve-stock 212ms",
        "step, ok, entry 2, 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:00.212Z",
        "attempt 0, 2026-01-01T00:00:00.000Z: ok after 212ms",
        "✓ charge-card 1.7s",
        "step, ok, entry 4, 2026-01-01T00:00:00.212Z to 2026-01-01T00:00:01.932Z",
        "attempt 0, 2026-01-01T00:00:00.212Z: failed after 360msCardTimeout: the bank does not answer",
        "attempt 1, 2026-01-01T00:00:01.572Z: ok after 360ms",
        "{",
        "  "charge": "ch_1",",
        "  "cardNumber": "‹redacted›"",
        "}",
        "✓ mail-receipt 230ms",
        "step, ok, entry 8, 2026-01-01T00:00:01.932Z to 2026-01-01T00:00:02.162Z",
        "attempt 0, 2026-01-01T00:00:01.932Z: ok after 230ms",
        "✓ mail-warehouse 504ms",
        "step, ok, entry 9, 2026-01-01T00:00:01.932Z to 2026-01-01T00:00:02.436Z",
        "attempt 0, 2026-01-01T00:00:01.932Z: ok after 504ms",
        "✓ cool-off sleep 3m3m",
        "sleep, ok, entry 12, 2026-01-01T00:00:02.436Z to 2026-01-01T00:03:02.436Z",
        "✓ picked wait shop/picked 1d4.5s",
        "wait, ok, entry 14, 2026-01-01T00:03:02.436Z to 2026-01-01T00:03:07.000Z",
        "{",
        "  "orderId": "ord_8812"",
        "}",
        "✗ ship 4.4s",
        "step, failed, entry 16, 2026-01-01T00:03:07.000Z to 2026-01-01T00:03:11.440Z",
        "attempt 0, 2026-01-01T00:03:07.000Z: failed after 480msCarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed",
        "attempt 1, 2026-01-01T00:03:08.480Z: failed after 480msCarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed",
        "attempt 2, 2026-01-01T00:03:10.960Z: failed after 480msCarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed",
        "3m 4s of idle time in 2 gaps are drawn shorter than they were.",
        "ErrorStepError: POST https://carrier.test/labels: 503 for shop/order.placed",
        "cause: CarrierDown: POST https://carrier.test/labels: 503 for shop/order.placed",
      ]
    `)
  })

  test('whatever things are called, they are text', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>', '"><b>', "'&amp;"),
    )
    const property = fc.property(name, name, name, (id, workflow, value) => {
      const timeline = hostile(id, workflow, value)
      const html = htmlReport(timeline, NOW, new Secrets())
      expect(markup(html)).toEqual(markup(htmlReport(tame(), NOW, new Secrets())))
      const lines = mermaidGantt(timeline, NOW).split('\n')
      expect(lines).toHaveLength(mermaidGantt(tame(), NOW).split('\n').length)
      expect(lines.every(line => line.split(':').length <= 2 || / {2}axis/.test(line))).toBe(true)
      JSON.parse(chromeTrace(timeline, NOW, new Secrets()))
      for (const columns of [40, 80]) {
        const looks = {
          columns,
          colors: false,
          ascii: true,
          time: 'iso',
          isTerminal: false,
        } as const
        const text = showText(timeline, looks, { now: NOW, secrets: new Secrets() })
        expect(text).toMatch(/^[\x20-\x7e\n]*$/)
        expect(text.split('\n').every(line => line.length <= columns)).toBe(true)
      }
    })
    fc.assert(property, { numRuns: 300 })
  })
})

const tame = (): Timeline => hostile('id', 'workflow', 'text')

/** What of a document is no text. */
const markup = (html: string) => ({
  tags: [...html.matchAll(/<(\/?[a-z]\w*)/g)].map(([, tag]) => tag),
  quotes: html.match(/"/g)?.length,
})

interface Traced {
  readonly ph: string
  readonly cat: string
  readonly tid: number
  readonly ts: number
  readonly dur: number
}
type Trace = { readonly traceEvents: readonly Traced[] }

const endOf = (event: Traced | undefined): number =>
  event === undefined ? 0 : event.ts + event.dur

/** A run with one step, in which everything is called so. */
function hostile(id: string, workflow: string, text: string): Timeline {
  const value = encodeValue({ text })
  const entries: Entry[] = [
    { type: 'run.scheduled', workflow, data: value, seed: 's' },
    { type: 'run.started' },
    { type: 'step.scheduled', id },
    { type: 'step.failed', of: 2, attempt: 0, error: encodeValue(new Error(text)) },
    { type: 'run.failed', error: encodeValue(new TypeError(text)) },
  ]
  return timelineOf(text, [{ at: 0, elapsed: 0, entries }])
}
