import { afterEach, expect, test } from 'vitest'
import { carryOut } from './driver.ts'
import { type Examination, examinations } from './examine.ts'
import type { Plan } from './plan.ts'
import { watchScopes } from './scopes.ts'

/** A plan that once showed a breach, or that shows how far a law goes. */
interface Pinned {
  readonly examination: Examination
  readonly plan: Plan
}

const overdueInPairs: Plan = {
  programs: [
    {
      parts: [
        {
          kind: 'race',
          parts: [
            { kind: 'sleep', id: 'a', ms: 700 },
            { kind: 'sleep', id: 'a', ms: 4_000 },
          ],
        },
        { kind: 'step', id: 'a', outcomes: [{ kind: 'error' }], retries: 0, backoff: 1 },
      ],
      continues: 0,
    },
  ],
  moves: [
    { kind: 'start', program: 0, run: 0 },
    { kind: 'start', program: 1, run: 1 },
    { kind: 'settle' },
    { kind: 'crash', away: 5_000 },
    { kind: 'settle' },
  ],
  fates: [0, 0, 0, 2, 4],
  residentRuns: 100,
  concurrency: 100,
}

/** The third death comes when both runs are being brought back: from then on they come one by one. */
const oneByOne: Plan = {
  ...overdueInPairs,
  moves: [...overdueInPairs.moves, { kind: 'settle' }, { kind: 'settle' }],
  fates: [0, 0, 0, 2, 4, 0, 2],
}

/** A run is told to make room in the moment in which it begins. */
const makesRoom: Plan = {
  programs: [
    {
      parts: [
        { kind: 'send', id: 'c', events: [{ name: 'app/stop', k: 0, n: 0 }] },
        {
          kind: 'sequence',
          parts: [
            {
              kind: 'all',
              parts: [{ kind: 'send', id: 'c', events: [{ name: 'app/a', k: 1, n: 2 }] }],
            },
            {
              kind: 'try',
              body: {
                kind: 'step',
                id: 'b',
                outcomes: [{ kind: 'value', pick: 0 }],
                retries: 1,
                backoff: 1,
                timeout: 1_000,
              },
              rescue: {
                kind: 'step',
                id: 'a',
                outcomes: [{ kind: 'value', pick: 0 }],
                retries: 2,
                backoff: 1,
              },
              cleanup: {
                kind: 'wait',
                name: 'app/stop',
                how: 'where',
                id: 'b',
                timeout: 700,
                back: 1,
              },
            },
          ],
        },
      ],
      continues: 2,
      triggers: [{ pattern: 'app/*', one: false }],
      cancelOn: [],
      handlers: false,
      flow: { singleton: { mode: 'cancel', key: 'event.data.k' } },
    },
  ],
  moves: [
    { kind: 'start', program: 0, run: 0 },
    { kind: 'send', events: [{ name: 'app/a', k: 1, n: 0, id: 1, late: -5_000 }] },
  ],
  fates: [],
  residentRuns: 1,
  concurrency: 100,
  watcher: true,
}

const born: Plan = {
  programs: [
    {
      parts: [],
      continues: 0,
      triggers: [{ pattern: 'app/a', one: false }],
      cancelOn: [],
      handlers: true,
      flow: { debounce: { period: 1000, mode: 'last' } },
    },
    {
      parts: [],
      continues: 2,
      triggers: [{ pattern: 'app/a', one: false }],
      cancelOn: [],
      handlers: true,
      flow: { debounce: { period: 1000, mode: 'all' } },
    },
  ],
  moves: [
    { kind: 'start', program: 0, run: 0 },
    { kind: 'pass', ms: 90000 },
    { kind: 'glimpse', immediates: 11 },
    { kind: 'crash', away: 2000000 },
    { kind: 'send', events: [{ name: 'app/a', k: 1, n: 1 }] },
  ],
  fates: [0, 2, 0, 1],
  residentRuns: 1,
  concurrency: 100,
  watcher: false,
  retention: 'forever',
}

const pinned: { readonly [name: string]: Pinned } = {
  'runs that come back together have one due order': {
    examination: 'every law holds, whatever goes wrong',
    plan: overdueInPairs,
  },
  'so they have after a failed write and a long absence': {
    examination: 'crashes do not change what a program comes to',
    plan: {
      programs: [
        {
          parts: [
            {
              kind: 'loop',
              times: 1,
              body: {
                kind: 'all',
                parts: [
                  {
                    kind: 'try',
                    body: {
                      kind: 'step',
                      id: 'a',
                      outcomes: [{ kind: 'value', pick: 0 }],
                      retries: 0,
                      backoff: 1,
                    },
                    cleanup: { kind: 'sleep', id: 'a', ms: 0 },
                  },
                  {
                    kind: 'step',
                    id: 'a',
                    outcomes: [{ kind: 'never' }, { kind: 'value', pick: 0 }],
                    retries: 1,
                    backoff: 1,
                  },
                ],
              },
            },
          ],
          continues: 0,
        },
      ],
      moves: [
        { kind: 'start', program: 0, run: 0 },
        { kind: 'start', program: 1, run: 1 },
        { kind: 'pass', ms: 1 },
        { kind: 'crash', away: 0 },
        { kind: 'crash', away: 0 },
        { kind: 'settle' },
        { kind: 'crash', away: 2_000_000 },
      ],
      fates: [0, 0, 0, 3],
      residentRuns: 100,
      concurrency: 100,
    },
  },
  'a run begins when the one before it has ended on disk': {
    examination: 'every law holds, whatever goes wrong',
    plan: makesRoom,
  },
  'a run that is born while others are brought back leaves memory as they do': {
    examination: 'every law holds, whatever goes wrong',
    plan: born,
  },
  'runs that come back one by one have an order each': {
    examination: 'every law holds, whatever goes wrong',
    plan: oneByOne,
  },
}

const scopes = watchScopes()
afterEach(() => scopes.disable())

for (const [name, { examination, plan }] of Object.entries(pinned)) {
  test(name, () => examinations[examination](plan))
}

test('a plan in which runs come back one by one', async () => {
  const { history } = await carryOut(oneByOne)
  const fired = history.commits.flatMap(({ records }) =>
    records.filter(({ entries: [input] }) => input?.type === 'timer.fired').map(({ run }) => run),
  )
  expect(fired).toEqual(['run0', 'run0', 'run1', 'run1'])
})
