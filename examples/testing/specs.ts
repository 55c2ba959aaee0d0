import * as fc from 'fast-check'
import type { Spec } from 'perdure/testing'
import { mended } from './mended.ts'
import { ordering, returned } from './order.ts'
import { Provider } from './provider.ts'

export const broken: Spec<Provider> = {
  workflows: provider => [ordering(provider)],
  world: () => new Provider(),
  properties: { always: { 'charged once': ({ world }) => world.charges.length <= 1 } },
}

export const sound: Spec<Provider> = { ...broken, workflows: provider => [mended(provider)] }

/** One order, which comes back. */
export const comesBack = {
  starts: [{ workflow: 'order', data: { order: 'o1', cents: 1999 } }],
  events: [returned({ order: 'o1' })],
}

export const thorough: Spec<Provider> = {
  workflows: provider => [mended(provider)],
  world: () => new Provider(),
  starts: [
    {
      workflow: 'order',
      data: fc.record({ order: fc.constant('o1'), cents: fc.integer({ min: 1 }) }),
    },
  ],
  steps: {
    charge: { outcomes: ['ok', 'transient', 'fatal'] },
    refund: { outcomes: ['ok', 'lost'], delay: ['1s', '1m'] },
  },
  events: [{ event: returned({ order: 'o1' }), optional: true, repeats: 1 }],
  faults: { crashes: 2, writes: 1, cancels: 1, clock: ['1h', '-1h'] },
  properties: {
    always: { 'charged once': ({ world }) => world.charges.length <= 1 },
    never: { 'refunded twice': ({ world }) => world.refunds.length > 1 },
    eventually: { 'it has ended': ({ runs }) => runs.every(({ status }) => status !== 'running') },
    sometimes: { 'it is refunded': ({ world }) => world.refunds.length > 0 },
    completed: {
      'money went back if it says so': ({ output }, { world }) =>
        world.refunds.length === (output === 'refunded' ? 1 : 0),
    },
    failed: {
      'because of a step': ({ steps }) => steps.some(({ status }) => status === 'failed'),
    },
  },
  crashTransparent: true,
}
