import { event, openEngine, runCompleted, workflow } from 'perdure'
import { z } from 'zod'

export const shipped = event('shop/order.shipped', z.object({ order: z.string(), to: z.string() }))

/** Three workflows that know nothing of each other: one event starts a run of each, in one write. */
export const listeners = (say: (text: string) => void) => [
  workflow({ id: 'tell-customer', triggers: shipped }, async ({ event, step }) => {
    await step.run('mail', () => say(`${event.data.order}: mail to ${event.data.to}`))
  }),
  workflow({ id: 'update-stock', triggers: shipped }, async ({ event, step }) => {
    await step.run('book', () => say(`${event.data.order}: one less in stock`))
  }),
  workflow(
    // A pattern sees all events of the shop; the condition picks those for abroad.
    { id: 'customs', triggers: { event: 'shop/*', if: "event.data.to.endsWith('.fr')" } },
    async ({ step }) => {
      await step.run('declare', () => say('declared at customs'))
    },
  ),
]

if (process.argv[1] === import.meta.filename) {
  let open = 0
  let allDone = (): void => {}
  const done = new Promise<void>(resolve => {
    allDone = resolve
  })
  // The ends of runs are events as well.
  const count = workflow({ id: 'count', triggers: runCompleted }, async () => {
    if (--open === 0) allDone()
  })
  const workflows = listeners(text => console.log(text))
  await using engine = await openEngine({ path: ':memory:', workflows: [...workflows, count] })
  open = 2 + 3
  await engine.send([
    shipped({ order: 'o1', to: 'ada@example.com' }),
    shipped({ order: 'o2', to: 'blaise@example.fr' }),
  ])
  await done
}
