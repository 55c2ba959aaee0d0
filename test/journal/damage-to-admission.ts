import { seal, unseal } from '../../journal/envelope.ts'
import { keys } from '../../journal/keys.ts'
import { type Damage, flip, forge, rechain } from './damage.ts'
import { LANE, RATE } from './lanes.ts'
import type { Rows } from './sample-store.ts'

export const QUEUED = keys.queued(LANE, 4, 1, 'q-queued', 2)
const OTHER = keys.queued(LANE, 5, 0, 'p-over', 3)
export const SLOT = keys.held('r-begun', 2)
export const GATHER = keys.held('m-batch', 1)
export const LIMIT = keys.limit(RATE)

const NEWEST = keys.commit(40)

/** On the sample after `fillLanes`. */
export const admission: readonly Damage[] = [
  {
    name: 'a run is gone from its lane',
    damage: rows => rows.delete(QUEUED),
    found: [`${QUEUED}: it is missing: its run waits for it`],
  },
  {
    name: 'a run that has begun is still in its lane',
    damage: rows => copy(rows, QUEUED, keys.queued(LANE, 4, 2, 'r-begun', 2)),
    found: [`${keys.queued(LANE, 4, 2, 'r-begun', 2)}: no run waits for this`],
  },
  {
    name: 'a run is at another place of its lane',
    damage: rows => {
      copy(rows, QUEUED, keys.queued(LANE, 3, 1, 'q-queued', 2))
      rows.delete(QUEUED)
    },
    found: [
      `${keys.queued(LANE, 3, 1, 'q-queued', 2)}: no run waits for this`,
      `${QUEUED}: it is missing: its run waits for it`,
    ],
  },
  ...(['limits', 'holds', 'bytes', 'workflow'] as const).map(name => ({
    name: `a run that waits says other ${name}`,
    damage: (rows: Rows) => forge(rows, OTHER, body => ({ ...body, [name]: 'other' })),
    found: [`${OTHER}: it does not say what its run waits for`],
  })),
  {
    name: 'a byte of a run that waits is another',
    damage: rows => flip(rows, QUEUED, 90),
    found: [`${QUEUED}: its checksum does not fit its bytes`],
  },
  {
    name: 'slots and gatherings are gone',
    damage: rows => [GATHER, SLOT].map(key => rows.delete(key)),
    found: [GATHER, SLOT].map(key => `${key}: it is missing: its run holds it`),
  },
  {
    name: 'a slot was invented',
    damage: rows => copy(rows, SLOT, keys.held('q-queued', 2)),
    found: [`${keys.held('q-queued', 2)}: no run holds this`],
  },
  {
    name: 'a slot is another',
    damage: rows => forge(rows, SLOT, body => ({ ...body, holds: [] })),
    found: [`${SLOT}: it does not say what its run holds`],
  },
  ...(['gather', 'key', 'mode', 'due', 'count', 'bytes', 'workflow'] as const).map(name => ({
    name: `a gathering says another ${name}`,
    damage: (rows: Rows) => forge(rows, GATHER, body => ({ ...body, [name]: 0 })),
    found: [`${GATHER}: it does not say what its run holds`],
  })),
  {
    name: 'the state of a limit is gone',
    damage: rows => rows.delete(LIMIT),
    found: [`${NEWEST}: it states 1 limits, there are 0 of them or others`],
  },
  {
    name: 'the state of a limit is another',
    damage: rows => forge(rows, LIMIT, () => ({ at: 1 })),
    found: [`${NEWEST}: it states 1 limits, there are 1 of them or others`],
  },
  {
    name: 'the state of a limit was invented',
    damage: rows => copy(rows, LIMIT, keys.limit('other')),
    found: [`${NEWEST}: it states 1 limits, there are 2 of them or others`],
  },
  {
    name: 'a key of a limit is not as it is written',
    damage: rows => copy(rows, LIMIT, 'k!%61'),
    found: ['k!%61: it is not the key of a limit'],
  },
  {
    name: 'the newest commit counts other rows than there are',
    damage: rows => {
      forge(rows, NEWEST, row => ({ ...row, admission: { count: 9, sum: 1 } }))
      rechain(rows)
    },
    found: [`${NEWEST}: it states 9 rows of runs that wait, hold or gather, but the records say 7`],
  },
]

/** The same body under another key. */
function copy(rows: Rows, from: string, to: string): void {
  const { epoch, body } = unseal(from, rows.get(from)!)
  rows.set(to, seal(to, epoch, body).bytes)
}
