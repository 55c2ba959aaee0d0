import { StepError, type Workflow, type WorkflowContext, workflow } from 'perdure'
import type { RunData, WorkflowName } from './plan.ts'
import { ONCE, RETRY, Stage, type World } from './stage.ts'

type Context = WorkflowContext<RunData>

/** A child that waits for its parent's word. */
export const relative = workflow(
  { id: 'relative', ...RETRY },
  async ({ step }: WorkflowContext<{ to: string }>) => {
    const told = await step.waitForEvent('told', {
      event: 'crash/told',
      if: 'async.data.to == event.data.to',
      timeout: '365d',
      since: 0,
    })
    return told?.id ?? 'nothing'
  },
)

/** Started by a schedule, every second. */
export const tick = workflow({ id: 'tick' }, async (_: WorkflowContext<undefined>) => 'ticked')

export const SCHEDULE = 'ticks'

type Play = (stage: Stage, context: Context, world: World) => Promise<unknown>

const plays: { readonly [Name in WorkflowName]: Play } = {
  async chain(stage, { step, event }) {
    let value: string = step.uuid()
    for (let at = 0; at < event.data.n; at++) {
      const chance = [step.now().getTime(), step.random()]
      value = await stage.do('add', [value, at, chance], at === 1 ? event.data.fails : 0)
      if (at % 2 === 1) await stage.nap('rest', 3)
    }
    await stage.until('moment', step.now().getTime() + 2)
  },

  async retried(stage, { event }) {
    const shaky = await stage.do('shaky', event.data.text, event.data.fails)
    try {
      await stage.do('doomed', shaky, 9, { retries: 1, backoff: { initial: 2, jitter: 0.5 } })
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      await stage.do('mend', [shaky, error.message, error.attempts])
    }
  },

  async parallel(stage, { event }) {
    const branches = [0, 1, 2].map(async at => {
      const value = await stage.do(`branch-${at}`, at, at === 1 ? event.data.fails : 0)
      await stage.nap(`rest-${at}`, at * 2)
      return stage.do(`branch-${at}`, value)
    })
    const all = await Promise.all(branches)
    const first = await Promise.race([stage.do('fast', all), stage.nap('slow', 2)])
    const any = await Promise.any([stage.do('no', first, 9, ONCE), stage.do('yes', first)])
    const settled = await Promise.allSettled([
      stage.do('left', any, 9, ONCE),
      stage.do('right', any),
      stage.nap('middle', 1),
    ])
    await stage.do('sum', [all, first, any, settled.map(({ status }) => status), stage.seen])
  },

  async guarded(stage, { step }) {
    try {
      let value = 'begun'
      for (let at = 0; at < 10; at++) {
        value = await stage.do('work', value)
        await stage.nap('wait', 4)
      }
    } finally {
      const seen = [...stage.seen]
      await step.shield(async () => {
        await stage.do('undo', seen, 1)
        await stage.nap('cool', 2)
        await Promise.all([stage.do('free', seen), stage.do('tell', seen)])
      })
    }
  },

  async faulty(stage, { run }, world) {
    const before = await stage.do('before', run.id)
    world.stumble(run.id, 'once', 1)
    const between = await stage.do('between', before)
    await stage.nap('rest', 2)
    world.stumble(run.id, 'twice', 2)
    await stage.do('after', [before, between])
  },

  async endless(stage, { step, event }) {
    const { n, text } = event.data
    const value = await stage.do('round', [n, text])
    await stage.nap('rest', 2)
    if (n > 0) await step.continueAsNew({ ...event.data, n: n - 1, text: value })
  },

  async listener(stage, { event, step }) {
    const prepared = await stage.do('prepare', event.data.text)
    const heard = await stage.hear(
      'go',
      step.waitForEvent('go', {
        event: 'crash/go',
        if: 'async.data.to == event.data.text',
        timeout: '365d',
      }),
    )
    await stage.do('react', [prepared, heard])
  },

  // The child is told by an event of its parent's, sent when it may not listen yet.
  async family(stage, { step, run, event }) {
    const child = step.invoke('child', { workflow: relative, data: { to: run.id } })
    await stage.do('before', event.data.text)
    await step.sendEvent('tell', { name: 'crash/told', data: { to: run.id, n: event.data.n } })
    await stage.do('after', await child)
  },

  async big(stage, { event }) {
    const { text, n } = event.data
    await Promise.all(
      Array.from({ length: n }, (_, at) => stage.do('part', text.slice(at * 1_000))),
    )
    await stage.do('whole', stage.seen)
  },
}

export function workflowsIn(world: World): { [Name in WorkflowName]: Workflow<RunData, unknown> } {
  const made = Object.entries(plays).map(([id, play]) => [
    id,
    workflow({ id, ...RETRY }, async (context: Context) => {
      const stage = new Stage(context, world)
      await play(stage, context, world)
      return { seen: stage.seen }
    }),
  ])
  return Object.fromEntries(made)
}
