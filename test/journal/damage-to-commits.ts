import { keys } from '../../journal/keys.ts'
import { openCommit } from '../../journal/reader.ts'
import { commitOf, type Damage, flip, forge, PAYMENT, rechain, record } from './damage.ts'

export const commits: readonly Damage[] = [
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
