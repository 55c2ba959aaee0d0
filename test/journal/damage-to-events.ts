import { seal, unseal } from '../../journal/envelope.ts'
import { keys } from '../../journal/keys.ts'
import { type Damage, flip, forge, rechain } from './damage.ts'
import type { Rows } from './sample-store.ts'

const WAIT = keys.wait('g-listening', 3)
const CANCEL = keys.wait('g-listening', 1)
const INPUT = keys.inbox('h-listening', 0)
const EVENT = keys.event('app/answered', 1_893_456_040_000, 0)
const ID = keys.eventId('once')
const NEWEST = keys.commit(19)

/** On the sample after `listen`. */
export const events: readonly Damage[] = [
  {
    name: 'waits are gone',
    damage: rows => [CANCEL, WAIT].map(key => rows.delete(key)),
    found: [CANCEL, WAIT].map(key => `${key}: it is missing: its run waits for it`),
  },
  {
    name: 'a wait is for something else',
    damage: rows =>
      forge(rows, WAIT, wait => ({ ...wait, on: [{ key: 'event', event: 'other' }] })),
    found: [`${WAIT}: it does not say what its run waits for`],
  },
  {
    name: 'a wait is taken for a cancellation',
    damage: rows => forge(rows, WAIT, wait => ({ ...wait, kind: 'cancel' })),
    found: [`${WAIT}: it does not say what its run waits for`],
  },
  {
    name: 'a wait was invented',
    damage: rows => copy(rows, WAIT, keys.wait('c-nap', 4)),
    found: [`${keys.wait('c-nap', 4)}: no run waits for this`],
  },
  {
    name: 'a byte of a wait is another',
    damage: rows => flip(rows, WAIT, 30),
    found: [`${WAIT}: its checksum does not fit its bytes`],
  },
  {
    name: 'an input is gone',
    damage: rows => rows.delete(INPUT),
    found: [`${INPUT}: it is missing: it has not had its turn`],
  },
  {
    name: 'an input is another',
    damage: rows => forge(rows, INPUT, input => ({ ...input, of: 1 })),
    found: [`${INPUT}: it is not what a commit lists`],
  },
  {
    name: 'an input was invented',
    damage: rows => copy(rows, INPUT, keys.inbox('h-listening', 1)),
    found: [`${keys.inbox('h-listening', 1)}: no commit says it waits`],
  },
  {
    name: 'an input that was taken is there again',
    damage: rows => {
      forge(rows, NEWEST, row => ({
        ...row,
        taken: [['h-listening', 0]],
        inbox: { count: 0, sum: 0 },
      }))
    },
    found: [`${INPUT}: no commit says it waits`],
  },
  {
    name: 'a byte of an input is another',
    damage: rows => flip(rows, INPUT, 30),
    found: [`${INPUT}: its checksum does not fit its bytes`],
  },
  {
    name: 'an event is gone',
    damage: rows => rows.delete(EVENT),
    found: ['v!: the commits list 2 events, there are 1 of them or others'],
  },
  {
    name: 'an event is another',
    damage: rows => forge(rows, EVENT, event => ({ ...event, id: 'other' })),
    found: ['v!: the commits list 2 events, there are 2 of them or others'],
  },
  {
    name: 'an event was invented',
    damage: rows => copy(rows, EVENT, EVENT.replace(/.$/, '7')),
    found: ['v!: the commits list 2 events, there are 3 of them or others'],
  },
  {
    name: 'an event is under the name of another',
    damage: rows => {
      const key = EVENT.replace('answered', 'begun')
      copy(rows, EVENT, key)
      rows.delete(EVENT)
    },
    found: [
      `${EVENT.replace('answered', 'begun')}: it is not the key of its event`,
      'v!: the commits list 2 events, there are 2 of them or others',
    ],
  },
  {
    name: 'a byte of an event is another',
    damage: rows => flip(rows, EVENT, 60),
    found: [
      `${EVENT}: its checksum does not fit its bytes`,
      'v!: the commits list 2 events, there are 1 of them or others',
    ],
  },
  {
    name: 'a byte of the id of an event is another',
    damage: rows => flip(rows, keys.eventId('once'), 20),
    found: [`${keys.eventId('once')}: its checksum does not fit its bytes`],
  },
  {
    name: 'the id of an event is gone',
    damage: rows => rows.delete(ID),
    found: [`${ID}: it is missing: a commit lists it`],
  },
  {
    name: 'the id of an event is of another time',
    damage: rows => forge(rows, ID, () => ({ at: 1_893_456_040_001 })),
    found: [
      `${ID}: it is not of the time with which a commit lists it`,
      `${ID}: no commit lists it with its time`,
    ],
  },
  {
    name: 'the id of an event is of a time long ago',
    damage: rows => forge(rows, ID, () => ({ at: 5 })),
    found: [`${ID}: it is not of the time with which a commit lists it`],
  },
  {
    name: 'the id of an event was invented',
    damage: rows => copy(rows, ID, keys.eventId('twice')),
    found: [`${keys.eventId('twice')}: no commit lists it with its time`],
  },
  {
    name: 'the id of an event is under the key of another',
    damage: rows => {
      copy(rows, ID, 'i!a b')
      rows.delete(ID)
    },
    found: [
      'i!a b: it is not the key of the id of an event',
      `${ID}: it is missing: a commit lists it`,
      'i!a b: no commit lists it with its time',
    ],
  },
  {
    name: 'an event was removed, and is there',
    damage: rows => {
      const { check } = unseal(EVENT, rows.get(EVENT)!)
      forge(rows, NEWEST, row => ({ ...row, forgotten: [[EVENT, check]] }))
    },
    found: ['v!: the commits list 1 events, there are 2 of them or others'],
  },
  {
    name: 'the newest commit counts other waits and inputs than there are',
    damage: rows => {
      forge(rows, NEWEST, row => ({
        ...row,
        waits: { count: 2, sum: 1 },
        inbox: { count: 9, sum: 1 },
      }))
      rechain(rows)
    },
    found: [
      `${NEWEST}: it states 2 open waits, but the records say 4`,
      `${NEWEST}: it states 9 inputs in inboxes, but the commits say 1`,
    ],
  },
]

/** The same body under another key. */
function copy(rows: Rows, from: string, to: string): void {
  const { epoch, body } = unseal(from, rows.get(from)!)
  rows.set(to, seal(to, epoch, body).bytes)
}
