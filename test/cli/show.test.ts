import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Looks } from '../../src/cli/looks.ts'
import { runDetailRecord } from '../../src/cli/records/run-detail.ts'
import { runDetailOf } from '../../src/cli/run-detail.ts'
import { failureOf } from '../../src/cli/run-failure.ts'
import { found } from '../../src/cli/show.ts'
import { type ShowOptions, showText } from '../../src/cli/show-text.ts'
import { widthOf } from '../../src/cli/width.ts'
import { Secrets } from '../../src/inspect/secrets.ts'
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
  return `\n${showText(timeline, all, options, found(failureOf(timeline), process.cwd()))}`
}

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
      crawl  crawl-1  ● running  10m  72 steps · 149 entries · 74 B
      trigger   start 1
      at        2026-01-01T00:00:00.000Z

                                    0ms           10s              ≈9m 39s≈
        1  ✓ tell  send crawl/began █
        2  ✓ fetch-page ×70         p50 225ms  p95 380ms                           15s
        3  ✓ slow                                        ████████                   5s
        4  ✓ quick                                       █                        10ms
        5  ◌ sleep 1h                                    ────────────────────   9m 44s
        6  ◌ night  sleep 9h                             ────────────────────   9m 44s
         █ running  ─ sleeping or waiting  ≈ idle, collapsed
         75 rows, folded by name: --all shows each
      "
    `)
  })

  test('has a row for each step on demand', () => {
    const rows = shown('crawl', { columns: 80 }, { all: true }).split('\n')
    expect(rows.filter(row => row.includes('fetch-page'))).toHaveLength(70)
    expect(rows.at(-4)).toMatchInlineSnapshot(
      `" 74 └◌ sleep 1h                                    ────────────────────   9m 44s"`,
    )
  })
})

test('a run without steps is its header', () => {
  expect(shown('idle', { columns: 80 })).toMatchInlineSnapshot(`
    "
    idle  idle-1  ✓ completed  0ms  0 steps · 3 entries · 16 B
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
