import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { chainHash } from '../../journal/commit.ts'
import { seal, unseal } from '../../journal/envelope.ts'
import { keys, parseKey } from '../../journal/keys.ts'
import { openCommit, openHead, openRecord } from '../../journal/reader.ts'
import { type Verified, type VerifyOptions, verify } from '../../journal/verify.ts'
import { hello, stuck } from './sample.ts'
import { memoryStore, type Rows, sampleRows, storeOf } from './sample-store.ts'

let sound: Rows
let newest: number

beforeAll(async () => {
  sound = await sampleRows()
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

  test('whatever the anchor allows', async () => {
    const at = (commit: number): VerifyOptions => {
      const chain = chainHash(sound.get(keys.commit(commit))!).toString('hex')
      return { anchor: { epoch: 1, commit, chain, clean: false } }
    }
    expect((await outcomeOf(sound, at(newest))).findings).toEqual([])
    expect((await outcomeOf(sound, at(2))).findings).toEqual([])
  })
})

const record = keys.record
const PAYMENT = record('b-payment', 3)

interface Damage {
  readonly name: string
  readonly damage: (rows: Rows) => void
  /** Exactly these findings. */
  readonly found: readonly string[]
}

/** Sealed again after a change: only other rows can tell. */
function forge(rows: Rows, key: string, change: (body: object) => object): void {
  const { epoch, body } = unseal(key, rows.get(key)!)
  rows.set(key, seal(key, epoch, change(body as object)).bytes)
}

/** Rewrites the chain after commits were changed, and the last one states what it will. */
function rechain(rows: Rows): void {
  let prev: Uint8Array = Buffer.alloc(0)
  for (const key of [...rows.keys()].filter(key => key.startsWith('c!')).sort()) {
    forge(rows, key, row => ({ ...row, prev }))
    prev = chainHash(rows.get(key)!)
  }
}

function flip(rows: Rows, key: string, at: number): void {
  const value = Buffer.from(rows.get(key)!)
  value[at]! ^= 1
  rows.set(key, value)
}

function exchange(rows: Rows, one: string, other: string): void {
  const [first, second] = [rows.get(one)!, rows.get(other)!]
  rows.set(one, second)
  rows.set(other, first)
}

const commitOf = (rows: Rows, key: string): number => {
  const { run, seq } = parseKey.record(key)
  const found = [...rows].find(
    ([at, value]) =>
      at.startsWith('c!') && openCommit(at, value).records.some(r => r[0] === run && r[1] === seq),
  )
  return Number(found?.[0].slice(2))
}

const records: readonly Damage[] = [
  {
    name: 'a record is gone from the middle of its run',
    damage: rows => rows.delete(PAYMENT),
    found: [
      `${record('b-payment', 4)}: it starts at 4, but the record before it ends at 3`,
      `${PAYMENT}: it is missing: commit 5 lists it`,
    ],
  },
  {
    name: 'the last record of a run is gone',
    damage: rows => rows.delete(record('e-broken', 0)),
    found: [`${record('e-broken', 0)}: it is missing: commit 11 lists it`],
  },
  {
    name: 'two records have each the value of the other',
    damage: rows => exchange(rows, PAYMENT, record('c-nap', 3)),
    found: [
      `${PAYMENT}: it belongs to the key "${record('c-nap', 3)}"`,
      `${record('c-nap', 3)}: it belongs to the key "${PAYMENT}"`,
    ],
  },
  {
    name: 'a byte of a record is another',
    damage: rows => flip(rows, PAYMENT, 60),
    found: [`${PAYMENT}: its checksum does not fit its bytes`],
  },
  {
    name: 'a record was put in the place of another, with a checksum of its own',
    damage: rows => forge(rows, record('b-payment', 4), body => ({ ...body, link: 1 })),
    found: [
      `${record('b-payment', 4)}: it does not follow the record before it`,
      `${record('b-payment', 5)}: it does not follow the record before it`,
      `${record('b-payment', 4)}: it is not the record that commit 6 lists`,
    ],
  },
  {
    name: 'a record was added to the end of a run',
    damage: rows => {
      const { check: link, ...rest } = openRecord(PAYMENT, rows.get(PAYMENT)!)
      rows.delete(record('b-payment', 4))
      rows.delete(record('b-payment', 5))
      const { run: _, seq: __, ...body } = rest
      const key = record('b-payment', 4)
      const entries = [{ type: 'timer.fired', of: 2 }]
      rows.set(key, seal(key, 1, { ...body, link, entries }).bytes)
      const extra = record('b-payment', 7)
      rows.set(extra, seal(extra, 1, { ...body, link, entries }).bytes)
    },
    found: [
      `${record('b-payment', 7)}: it starts at 7, but the record before it ends at 5`,
      `${record('b-payment', 4)}: it is not the record that commit 6 lists`,
      `${record('b-payment', 7)}: no commit lists it`,
      `${record('b-payment', 5)}: it is missing: commit 7 lists it`,
    ],
  },
  {
    name: 'a record says what cannot be',
    damage: rows => {
      const entries = [{ type: 'timer.fired', of: 77 }]
      forge(rows, record('c-nap', 3), body => ({ ...body, entries }))
    },
    found: [
      `${record('c-nap', 3)}: its entries cannot follow what was before: nothing is open under 77 in run c-nap`,
      `${record('c-nap', 3)}: it is not the record that commit 16 lists`,
    ],
  },
  {
    name: 'the time of a record goes back',
    damage: rows => forge(rows, record('c-nap', 3), body => ({ ...body, at: 5 })),
    found: [
      `${record('c-nap', 3)}: its time is before that of the record before it`,
      `${record('c-nap', 3)}: it is not the record that commit 16 lists`,
      'a!c-nap: it names another newest record than there is',
    ],
  },
  {
    name: 'records of a run that was never there',
    damage: rows => {
      const entries = [{ type: 'run.scheduled', workflow: 'w', data: Buffer.of(16), seed: '' }]
      const at = 1
      const key = record('ghost', 0)
      rows.set(key, seal(key, 1, { at, elapsed: at, link: 0, entries }).bytes)
    },
    found: [
      `${record('ghost', 0)}: no commit lists it`,
      'a!ghost: it is missing: there are records of its run',
      `c!0000000000000016: it states 1 runs that have not ended, but the records say 2`,
    ],
  },
]

const commits: readonly Damage[] = [
  {
    name: 'a commit without records is gone',
    damage: rows => rows.delete(keys.commit(1)),
    found: [`${keys.commit(1)}: it is missing`],
  },
  {
    name: 'a commit is gone',
    damage: rows => rows.delete(keys.commit(commitOf(rows, PAYMENT))),
    found: [`${keys.commit(5)}: it is missing`, `${PAYMENT}: no commit lists it`],
  },
  {
    name: 'several commits are gone',
    damage: rows => {
      for (const commit of [9, 10]) rows.delete(keys.commit(commit))
    },
    found: [
      `${keys.commit(9)}: it is missing, and all up to 10 are`,
      `${record('d-patient', 3)}: no commit lists it`,
      `${record('d-patient', 5)}: no commit lists it`,
    ],
  },
  {
    name: 'a commit was forged',
    damage: rows => forge(rows, keys.commit(3), row => ({ ...row, at: 9e12 })),
    found: [
      `${keys.commit(4)}: it does not follow the commit before it`,
      `${keys.commit(4)}: its at is before that of the commit before it`,
    ],
  },
  {
    name: 'a commit is another one',
    damage: rows => forge(rows, keys.commit(1), row => ({ ...row, commit: 2 })),
    found: [
      `${keys.commit(1)}: it says it is commit 2`,
      `${keys.commit(2)}: it does not follow the commit before it`,
    ],
  },
  {
    name: 'a byte of a commit is another',
    damage: rows => flip(rows, keys.commit(15), 50),
    found: [
      `${keys.commit(15)}: its checksum does not fit its bytes`,
      `${record('c-nap', 0)}: no commit lists it`,
    ],
  },
  {
    name: 'the commits list a record twice',
    damage: rows => {
      const { records: listed } = openCommit(keys.commit(5), rows.get(keys.commit(5))!)
      forge(rows, keys.commit(6), row => ({
        ...row,
        records: [...listed, ...(row as { records: [] }).records],
      }))
      rechain(rows)
    },
    found: [`${keys.commit(6)}: it lists ${PAYMENT}, which commit 5 has listed`],
  },
  {
    name: 'the commits list records in another order',
    damage: rows => {
      const bodies = [5, 6].map(n => openCommit(keys.commit(n), rows.get(keys.commit(n))!).records)
      forge(rows, keys.commit(5), row => ({ ...row, records: bodies[1] }))
      forge(rows, keys.commit(6), row => ({ ...row, records: bodies[0] }))
      rechain(rows)
    },
    found: [`${record('b-payment', 0)}: the commits list the records of its run in another order`],
  },
  {
    name: 'a run was removed, but is there',
    damage: rows => {
      forge(rows, keys.commit(14), row => ({ ...row, removed: ['e-broken'] }))
      rechain(rows)
    },
    found: [`${record('e-broken', 0)}: no commit lists it`],
  },
  {
    name: 'the newest commit counts other timers and runs than there are',
    damage: rows =>
      forge(rows, keys.commit(16), row => ({
        ...row,
        timers: { count: 3, sum: 1 },
        active: { count: 1, sum: 1 },
      })),
    found: [
      `${keys.commit(16)}: it states 1 runs that have not ended, but the records say 1`,
      `${keys.commit(16)}: it states 3 open timers, but the records say 2`,
    ],
  },
]

const TIMER = keys.timer('wall', Date.UTC(2031, 0, 1), 'c-nap', 4)

const derived: readonly Damage[] = [
  {
    name: 'a timer is gone',
    damage: rows => rows.delete(TIMER),
    found: [`${TIMER}: it is missing: its run waits for it`],
  },
  {
    name: 'a timer was invented',
    damage: rows => {
      const key = keys.timer('wall', 5, 'c-nap', 4)
      rows.set(key, seal(key, 1, null).bytes)
    },
    found: [`${keys.timer('wall', 5, 'c-nap', 4)}: no run waits for this timer`],
  },
  {
    name: 'a byte of a timer is another',
    damage: rows => flip(rows, TIMER, 3),
    found: [`${TIMER}: its checksum does not fit its bytes`],
  },
  {
    name: 'a head says that its run has completed',
    damage: rows => forge(rows, 'a!c-nap', head => ({ ...head, status: 'completed' })),
    found: ['a!c-nap: it does not say what the records of its run add up to'],
  },
  {
    name: 'a head counts fewer entries',
    damage: rows => forge(rows, 'z!b-payment', head => ({ ...head, seq: 5 })),
    found: ['z!b-payment: it counts 5 entries, but there are 7'],
  },
  {
    name: 'a head names another newest record',
    damage: rows => forge(rows, 'z!b-payment', head => ({ ...head, link: 5 })),
    found: ['z!b-payment: it names another newest record than there is'],
  },
  {
    name: 'heads are gone',
    damage: rows => {
      for (const key of ['a!c-nap', 'z!next-1']) rows.delete(key)
    },
    found: [
      'z!next-1: it is missing: there are records of its run',
      'a!c-nap: it is missing: there are records of its run',
    ],
  },
  {
    name: 'a head is among the wrong ones',
    damage: rows => {
      const { run: _, ...body } = openHead('a!c-nap', rows.get('a!c-nap')!)
      rows.delete('a!c-nap')
      rows.set('z!c-nap', seal('z!c-nap', 1, body).bytes)
    },
    found: [
      'z!c-nap: it counts its run among those that have ended, but it has not',
      'a!c-nap: it is missing: there are records of its run',
    ],
  },
  {
    name: 'a head is of no run',
    damage: rows => rows.set('z!ghost', seal('z!ghost', 1, {}).bytes),
    found: ['z!ghost: its run has no records'],
  },
  {
    name: 'an end is not indexed',
    damage: rows => rows.delete(keys.endedAt(1893456010000, 'e-broken')),
    found: [`${keys.endedAt(1893456010000, 'e-broken')}: it is missing: its run has ended`],
  },
  {
    name: 'an end is indexed under another time',
    damage: rows => {
      const key = keys.endedAt(7, 'e-broken')
      rows.set(key, seal(key, 1, null).bytes)
    },
    found: [`${keys.endedAt(7, 'e-broken')}: no run of this id ended at this time`],
  },
  {
    name: 'the journal does not say what it is',
    damage: rows => rows.delete('m'),
    found: ['m: it is missing'],
  },
  {
    name: 'there are keys of no keyspace',
    damage: rows => {
      for (const key of ['!', 'a', 'b!x', 'c-1', 'm!', 'zz', 'é']) rows.set(key, Buffer.of(1))
    },
    found: ['!', 'a', 'b!x', 'c-1', 'm!', 'zz', 'é'].map(
      key => `${key}: it is not a key of a journal`,
    ),
  },
  {
    name: 'there are keys that their keyspaces do not have',
    damage: rows => {
      for (const key of ['c!17', 'e!next-2!1', 'f!x', 't!x']) rows.set(key, Buffer.of(1))
    },
    found: [
      'c!17: it is not the key of a commit',
      'e!next-2!1: it is not the key of a record',
      'f!x: no run of this id ended at this time',
      't!x: no run waits for this timer',
    ],
  },
]

describe.each([
  ['records', records],
  ['commits', commits],
  ['derived rows', derived],
] as const)('damage to %s is found with its place', (_, damages) => {
  test.each(damages.map(damage => [damage.name, damage] as const))('%s', async (_, damage) => {
    const rows = new Map(sound)
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
  const anyRow = fc.nat().map(pick => [...sound.keys()][pick % sound.size]!)

  // The newest commit, had it held nothing, would be missed by the anchor only.
  test('that is gone is missed', async () => {
    for (const key of sound.keys()) {
      const rows = new Map(sound)
      rows.delete(key)
      expect((await outcomeOf(rows)).findings.join('\n'), key).not.toBe('')
    }
  })

  test('with a flipped bit is named', async () => {
    await fc.assert(
      fc.asyncProperty(anyRow, fc.nat(), fc.nat(7), async (key, pick, bit) => {
        const rows = new Map(sound)
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
        const rows = new Map(sound)
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
