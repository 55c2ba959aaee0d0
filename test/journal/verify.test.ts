import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { chainHash } from '../../journal/commit.ts'
import { unseal } from '../../journal/envelope.ts'
import { keys } from '../../journal/keys.ts'
import { type Verified, type VerifyOptions, verify } from '../../journal/verify.ts'
import { forge } from './damage.ts'
import { admission } from './damage-to-admission.ts'
import { commits } from './damage-to-commits.ts'
import { derived } from './damage-to-derived.ts'
import { events } from './damage-to-events.ts'
import { records } from './damage-to-records.ts'
import { hello, listen, stuck } from './sample.ts'
import { laneRows, memoryStore, type Rows, sampleRows, storeOf } from './sample-store.ts'

let sound: Rows
let listening: Rows
let lanes: Rows
let newest: number

beforeAll(async () => {
  sound = await sampleRows()
  listening = await sampleRows(listen)
  lanes = await laneRows()
  newest = [...sound.keys()].filter(key => key.startsWith('c!')).length
})

interface Outcome {
  /** As `place: what`. */
  readonly findings: readonly string[]
  readonly verified: Verified
}

async function outcomeOf(rows: Rows, options?: VerifyOptions): Promise<Outcome> {
  const findings: string[] = []
  const verification = verify(await storeOf(rows), options)
  for (;;) {
    const { done, value } = await verification.next()
    if (done) return { findings, verified: value }
    findings.push(`${value.place}: ${value.what}`)
  }
}

describe('a sound journal gives no findings', () => {
  test('with a run of each kind', async () => {
    const { findings, verified } = await outcomeOf(sound)
    expect(findings).toEqual([])
    const bytes = [...sound].reduce((sum, [key, value]) => sum + key.length + value.length, 0)
    expect(verified).toEqual({ runs: 8, entries: 37, commits: newest, bytes })
  })

  test('after runs were removed, and some of their ids used again', async () => {
    const rows = await sampleRows(async ({ engine, clock }) => {
      clock.advance(120_000)
      expect((await engine.gc()).runs).toBe(7)
      await (await engine.start(hello, { name: 'Eve' }, { id: 'a-greeting' })).result()
    })
    const { findings, verified } = await outcomeOf(rows)
    expect(findings).toEqual([])
    expect(verified).toMatchObject({ runs: 2, entries: 11 })
  })

  test('with a step that is under way', async () => {
    const rows = await sampleRows(({ engine }) => engine.start(stuck, null, { id: 'g-stuck' }))
    const { findings, verified } = await outcomeOf(rows)
    expect(findings).toEqual([])
    expect(verified).toMatchObject({ runs: 9, entries: 40 })
  })

  test('with events, and an input that has not had its turn', async () => {
    const { findings, verified } = await outcomeOf(listening)
    expect(findings).toEqual([])
    const bytes = [...listening].reduce((sum, [key, value]) => sum + key.length + value.length, 0)
    expect(verified).toEqual({ runs: 10, entries: 45, commits: newest + 3, bytes })
  })

  test('with runs that wait in lanes, hold and gather', async () => {
    const { findings, verified } = await outcomeOf(lanes)
    expect(findings).toEqual([])
    expect(verified.runs).toBe(8 + 9)
  })

  test('after the commits were trimmed that stored events', async () => {
    const rows = await sampleRows(async ({ engine, clock }) => {
      await engine.send({ name: 'app/unheard', data: null })
      await engine.cancel('c-nap')
      for (let commit = 0; commit < 3; commit++) {
        await engine.send({ name: 'app/unheard', data: commit })
        clock.advance(120_000)
        await engine.gc()
      }
    })
    expect((await outcomeOf(rows)).findings).toEqual([])
    expect(unseal('m', rows.get('m')!).body).toMatchObject({ trimmed: { events: { count: 3 } } })
    expect([...rows.keys()].filter(key => key.startsWith('v!'))).toHaveLength(4)
  })

  test('whatever the anchor allows', async () => {
    const at = (commit: number): VerifyOptions => {
      const chain = chainHash(sound.get(keys.commit(commit))!).toString('hex')
      return { anchor: { epoch: 1, commit, chain, clean: false } }
    }
    expect((await outcomeOf(sound, at(newest))).findings).toEqual([])
    expect((await outcomeOf(sound, at(2))).findings).toEqual([])
  })
})

describe.each([
  ['records', records, () => sound],
  ['commits', commits, () => sound],
  ['derived rows', derived, () => sound],
  ['waits, inboxes and events', events, () => listening],
  ['lanes, slots and limits', admission, () => lanes],
] as const)('damage to %s is found with its place', (_, damages, whole) => {
  test.each(damages.map(damage => [damage.name, damage] as const))('%s', async (_, damage) => {
    const rows = new Map(whole())
    damage.damage(rows)
    expect((await outcomeOf(rows)).findings).toEqual(damage.found)
  })
})

describe('the anchor', () => {
  const chain = 'ab'.repeat(16)

  test('shows a lost tail', async () => {
    const anchor = { epoch: 1, commit: newest + 2, chain, clean: true }
    expect((await outcomeOf(sound, { anchor })).findings).toEqual([
      `${keys.commit(newest)}: the journal ends here, but commit ${newest + 2} was acknowledged (ANCHOR)`,
    ])
  })

  test('lets a journal without fsync lose its tail', async () => {
    const anchor = { epoch: 1, commit: newest + 2, chain, clean: true }
    const rows = new Map(sound)
    forge(rows, 'm', meta => ({ ...meta, durability: 'os' }))
    expect((await outcomeOf(rows, { anchor })).findings).toEqual([])
  })

  test('shows another history', async () => {
    const anchor = { epoch: 1, commit: 7, chain, clean: true }
    expect((await outcomeOf(sound, { anchor })).findings).toEqual([
      `${keys.commit(7)}: it is not the commit that was acknowledged (ANCHOR)`,
    ])
  })
})

describe('any one row', () => {
  const anyRow = fc.nat().map(pick => [...listening.keys()][pick % listening.size]!)

  // The newest commit, had it held nothing, would be missed by the anchor only.
  test('that is gone is missed', async () => {
    for (const whole of [listening, lanes]) {
      for (const key of whole.keys()) {
        // Nothing says which ids of events were given.
        if (key.startsWith('i!')) continue
        const rows = new Map(whole)
        rows.delete(key)
        expect((await outcomeOf(rows)).findings.join('\n'), key).not.toBe('')
      }
    }
  })

  test('with a flipped bit is named', async () => {
    await fc.assert(
      fc.asyncProperty(anyRow, fc.nat(), fc.nat(7), async (key, pick, bit) => {
        const rows = new Map(listening)
        const value = Buffer.from(rows.get(key)!)
        value[pick % value.length]! ^= 1 << bit
        rows.set(key, value)
        const { findings } = await outcomeOf(rows)
        expect(findings.filter(finding => finding.startsWith(`${key}: `))).toHaveLength(1)
      }),
    )
  })

  test('with the value of another is named', async () => {
    await fc.assert(
      fc.asyncProperty(anyRow, anyRow, async (key, other) => {
        fc.pre(key !== other)
        const rows = new Map(listening)
        rows.set(key, rows.get(other)!)
        const { findings } = await outcomeOf(rows)
        expect(findings).toContain(`${key}: it belongs to the key ${JSON.stringify(other)}`)
      }),
    )
  })
})

test('a store of somebody else is no journal', async () => {
  const verification = verify(await memoryStore())
  await expect(verification.next()).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
})
