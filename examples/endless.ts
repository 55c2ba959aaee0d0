import {
  type CancelledError,
  type Duration,
  openEngine,
  type WorkflowContext,
  workflow,
} from 'perdure'

export interface Meter {
  /** The reading that the last run left off with. */
  readonly reading: number
  readonly days: number
  /** How long a day takes. */
  readonly day: Duration
}

/**
 * Reads a meter once a day, for ever. A run that went on for years would have a long journal to
 * replay, so each run serves a week and then hands over to a successor: in one write, so there is
 * always exactly one of them.
 */
export const meter = (consume: () => number | Promise<number>) =>
  workflow({ id: 'meter' }, async ({ event, step }: WorkflowContext<Meter>) => {
    let { reading, days, day } = event.data
    for (let weekday = 0; weekday < 7; weekday++) {
      await step.sleep(day)
      reading += await step.run('read', consume)
      days++
    }
    return step.continueAsNew({ reading, days, day } satisfies Meter)
  })

if (process.argv[1] === import.meta.filename) {
  const daily = meter(() => 3)
  await using engine = await openEngine({ path: ':memory:', workflows: [daily] })
  const weeks = engine.subscribe()
  const first = await engine.start(daily, { reading: 0, days: 0, day: '10ms' })

  // Live entries of all runs: each successor begins with its own `run.scheduled`.
  for await (const entry of weeks) {
    if (entry.type !== 'run.scheduled') continue
    console.log(entry.run, entry.data)
    if ((entry.data as Meter).days < 28) continue
    await engine.cancel(entry.run, 'four weeks are enough for an example')
    break
  }

  // The result of the first run is the result of its last successor.
  await first.result().catch((error: CancelledError) => console.log(error.message))
}
