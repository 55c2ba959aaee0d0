import { seal } from '../../journal/envelope.ts'
import { openHead } from '../../journal/head-reader.ts'
import { keys } from '../../journal/keys.ts'
import { type Damage, flip, forge } from './damage.ts'

const TIMER = keys.timer('wall', Date.UTC(2031, 0, 1), 'c-nap', 4)

/** One in each gap between keyspaces. */
const STRAY = ['!', 'a', 'b', 'c-1', 'd!x', 'f', 'g!', 'm!', 'u!x', 'vv', 'y!', 'zz', 'é']

export const derived: readonly Damage[] = [
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
      for (const key of STRAY) rows.set(key, Buffer.of(1))
    },
    found: STRAY.map(key => `${key}: it is not a key of a journal`),
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
