import { setTimeout as pause } from 'node:timers/promises'
import { type Duration, openEngine, type WorkflowContext, workflow } from 'perdure'

export interface Order {
  readonly item: string
  /** How long we wait for carriers to make an offer. */
  readonly patience: Duration
}

export interface Carrier {
  readonly name: string
  offer(item: string, signal: AbortSignal): Promise<number>
}

/**
 * Steps are plain promises: `Promise.all`, `race`, `any` and `allSettled` work as they always do.
 * Which one came first is recorded, so a run that comes back after a crash does not change its mind.
 */
export const shipping = (carriers: readonly Carrier[]) =>
  workflow({ id: 'shipping' }, async ({ event, step }: WorkflowContext<Order>) => {
    const { item, patience } = event.data

    // All of them at once: goes on when the last one is done.
    const [weight, address] = await Promise.all([
      step.run('weigh', () => item.length * 100),
      step.run('find-address', () => '12 St James’s Square, London'),
    ])

    // The first offer wins, unless none comes in time.
    const offers = carriers.map(async ({ name, offer }) => ({
      carrier: name,
      price: await step.run(`ask-${name}`, ({ signal }) => offer(item, signal)),
    }))
    const tooLate = step.sleep('patience', patience).then(() => undefined)
    const winner = await Promise.race([...offers, tooLate])

    return { weight, address, winner }
  })

/** A carrier that takes a while to answer, and stops when it is told that nobody waits any more. */
export const carrier = (name: string, price: number, takesMs: number): Carrier => ({
  name,
  offer: (_item, signal) => pause(takesMs, price, { signal }),
})

if (process.argv[1] === import.meta.filename) {
  const workflow = shipping([carrier('turtle', 3, 60_000), carrier('hare', 9, 50)])
  await using engine = await openEngine({ path: ':memory:', workflows: [workflow] })
  const run = await engine.start(workflow, { item: 'teapot', patience: '10s' })
  console.log(await run.result())
}
