import { workflow } from 'perdure'
import { Order, type Payments, returned } from './order.ts'

/** As `ordering`, but whatever is asked again is asked with the same key. */
export const mended = (payments: Payments) =>
  workflow({ id: 'order', schema: Order }, async ({ event, step }) => {
    const { cents } = event.data
    const charge = await step.run('charge', ({ idempotencyKey }) =>
      payments.charge(cents, idempotencyKey),
    )
    const back = await step.waitForEvent('returned', {
      event: returned,
      match: 'data.order',
      timeout: '14d',
    })
    if (back === null) return 'kept'
    await step.run('refund', ({ idempotencyKey }) => payments.refund(charge, idempotencyKey))
    return 'refunded'
  })
