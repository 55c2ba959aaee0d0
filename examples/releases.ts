import { event, type WorkflowContext, workflow } from 'perdure'
import * as z from 'zod'

/** One workflow in four releases. `docs/compatibility.md` says what becomes of runs of the first. */

const placed = event('order/placed', z.object({ id: z.string(), cents: z.number() }))
type Order = WorkflowContext<{ id: string; cents: number }>

const reserve = async (_id: string): Promise<void> => {}
const screen = async (_id: string): Promise<void> => {}
const charge = async (_id: string, _cents: number): Promise<void> => {}
const thank = async (_id: string): Promise<void> => {}

export const first = workflow(
  { id: 'order', triggers: placed },
  async ({ event: { data }, step }: Order) => {
    await step.run('reserve', () => reserve(data.id))
    await step.sleep('cooling-off', '14d')
    await step.run('charge', () => charge(data.id, data.cents))
  },
)

// Runs that sleep have not recorded `screen`, but have the sleep in its place.
export const careless = workflow(
  { id: 'order', triggers: placed },
  async ({ event: { data }, step }: Order) => {
    await step.run('reserve', () => reserve(data.id))
    await step.run('screen', () => screen(data.id))
    await step.sleep('cooling-off', '14d')
    await step.run('charge', () => charge(data.id, data.cents))
  },
)

// Behind the sleep, where no run that sleeps has been.
export const behind = workflow(
  { id: 'order', triggers: placed },
  async ({ event: { data }, step }: Order) => {
    await step.run('reserve', () => reserve(data.id))
    await step.sleep('cooling-off', '14d')
    await step.run('screen', () => screen(data.id))
    await step.run('charge', () => charge(data.id, data.cents))
    await step.run('thank', () => thank(data.id))
  },
)

// Side by side: what begins from now on is an `order-2`, what is under way ends as it began.
export const beside = [
  workflow({ id: 'order' }, async ({ event: { data }, step }: Order) => {
    await step.run('reserve', () => reserve(data.id))
    await step.sleep('cooling-off', '14d')
    await step.run('charge', () => charge(data.id, data.cents))
  }),
  workflow({ id: 'order-2', triggers: placed }, async ({ event: { data }, step }: Order) => {
    await step.run('reserve', () => reserve(data.id))
    await step.run('screen', () => screen(data.id))
    await step.sleep('cooling-off', '14d')
    await step.run('charge', () => charge(data.id, data.cents))
  }),
]
