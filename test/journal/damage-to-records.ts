import { seal } from '../../journal/envelope.ts'
import { openRecord } from '../../journal/reader.ts'
import { type Damage, exchange, flip, forge, PAYMENT, record } from './damage.ts'

export const records: readonly Damage[] = [
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
