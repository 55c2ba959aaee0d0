import { event, workflow } from 'perdure'
import { z } from 'zod'

/** The client of a payment provider. What is asked with a key that it knows is not done again. */
export interface Payments {
  charge(cents: number, key?: string): Promise<string>
  refund(charge: string, key?: string): Promise<void>
}

export const Order = z.object({ order: z.string(), cents: z.int().min(1) })
export const returned = event('order/returned', Order.pick({ order: true }))

export const ordering = (payments: Payments) =>
  workflow({ id: 'order', schema: Order }, async ({ event, step }) => {
    const { cents } = event.data
    const charge = await step.run('charge', () => payments.charge(cents))
    const back = await step.waitForEvent('returned', {
      event: returned,
      match: 'data.order',
      timeout: '14d',
    })
    if (back === null) return 'kept'
    await step.run('refund', () => payments.refund(charge))
    return 'refunded'
  })
