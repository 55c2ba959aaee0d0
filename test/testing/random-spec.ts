import { type WorkflowContext, workflow } from 'perdure'
import type { Spec, StepSpec } from 'perdure/testing'
import type { Rng } from '../../src/testing/rng.ts'

/** How often each step was carried out. */
export interface Log {
  readonly log: Record<string, number>
}

type Part = (step: WorkflowContext['step']) => Promise<unknown>

const KINDS = ['step', 'sleep', 'now', 'timeout', 'seq', 'all', 'race'] as const
const OUTCOMES: readonly [StepSpec<Log>['outcomes'], ...StepSpec<Log>['outcomes'][]] = [
  ['ok'],
  ['ok', 'error'],
  ['ok', 'hang'],
  ['ok', 'fatal'],
  ['ok', 'lost'],
]

/** One or two small workflows of steps, sleeps and races, and what may happen to them. */
export function randomSpec(rng: Rng, act: (log: Log['log'], step: string) => unknown): Spec<Log> {
  const ids: string[] = []
  const runs = 1 + rng.below(2)
  const workflows = Array.from({ length: runs }, (_, at) => {
    const [one, two] = [part(rng, ids, runs), part(rng, ids, runs)]
    return workflow({ id: `w${at}`, retries: 1 }, async ({ step }: WorkflowContext) => [
      await one(step),
      await two(step),
    ])
  })
  const steps = ids.map(id => {
    const run: StepSpec<Log>['run'] = (_, { log }) => act(log, id)
    const delay = rng.chance(1 / 4) ? { delay: '3s' } : {}
    return [id, { run, outcomes: rng.pick(OUTCOMES) ?? ['ok'], ...delay }] as const
  })
  const fault = rng.pick(['crash', 'cancel', 'clock', 'none'])
  return {
    workflows,
    starts: workflows.map(workflow => ({ workflow })),
    world: () => ({ log: {} }),
    steps: Object.fromEntries(steps),
    faults: {
      crashes: fault === 'crash' ? 1 : 0,
      writes: 0,
      cancels: fault === 'cancel' ? 1 : 0,
      clock: fault === 'clock' ? ['1h'] : [],
    },
  }
}

function part(rng: Rng, ids: string[], depth: number): Part {
  const kind = depth > 2 ? rng.pick(['step', 'step', 'sleep', 'now']) : rng.pick(KINDS)
  const id = `s${ids.length}`
  switch (kind) {
    case 'step':
    case 'timeout':
      ids.push(id)
      return step =>
        step.run(id, () => id, kind === 'timeout' ? { timeout: '3s' } : {}).catch(() => 'failed')
    case 'sleep': {
      const span = rng.pick(['2s', '5s', '1h'])
      return step => step.sleep(span)
    }
    case 'now':
      return async step => Math.floor(step.now().getTime() / 60_000)
    default: {
      const parts = [part(rng, ids, depth + 1), part(rng, ids, depth + 1)] as const
      if (kind === 'seq') return async step => [await parts[0](step), await parts[1](step)]
      if (kind === 'all') return step => Promise.all(parts.map(each => each(step)))
      return step => Promise.race(parts.map(each => each(step)))
    }
  }
}
