import { type Duration, type StepAttempt, type WorkflowContext, workflow } from 'perdure'

export interface Invoice {
  readonly number: string
  readonly customer: string
  readonly cents: number
  readonly date: Date
}

export type Charge = Paid | Declined
type Paid = { readonly succeeded: true; readonly id: string; readonly cents: number }
type Declined = { readonly succeeded: false; readonly reason: string }

/**
 * What billing does to the world outside. Each call throws when the network fails. The attempt it
 * is given carries the `idempotencyKey` by which the world outside knows a repeated request, and
 * the `signal` that tells when to give up.
 */
export interface Services {
  charge(invoice: Invoice, attempt: StepAttempt): Promise<Charge>
  markPaid(invoice: Invoice, charge: Paid, attempt: StepAttempt): Promise<void>
  sendReceipt(invoice: Invoice, charge: Paid, attempt: StepAttempt): Promise<void>
  paymentFailed(invoice: Invoice, attempt: StepAttempt): Promise<void>
}

/** How long things take. A demonstration may make a day last a second. */
export interface Pace {
  readonly day: Duration
  /** How long the payment service may take to answer. */
  readonly answer: Duration
  /** How long to wait before a request that failed is repeated: the first time, the second, ... */
  readonly repeat: readonly Duration[]
}

export const everyday: Pace = {
  day: '24h',
  answer: '10s',
  repeat: ['15s', '1m', '5m', '30m'],
}

/** Charges an invoice when it is due, and if the customer's bank declines, on the following days. */
export const billing = (services: Services, pace: Pace = everyday) =>
  workflow(
    { id: 'billing', backoff: pace.repeat },
    async ({ event, step }: WorkflowContext<Invoice>): Promise<Charge> => {
      const invoice = event.data
      await step.sleepUntil('invoice-date', invoice.date)

      for (let attempt = 1; attempt <= 3; attempt++) {
        // A network error is thrown, and the step is repeated. "Declined" is an answer: the step
        // returns it. Each time round is a step of its own: `charge`, `charge:1`, `charge:2`.
        const charge = await step.run('charge', request => services.charge(invoice, request), {
          timeout: pace.answer,
        })
        if (charge.succeeded) {
          await Promise.all([
            step.run('update-database', request => services.markPaid(invoice, charge, request)),
            step.run('send-receipt', request => services.sendReceipt(invoice, charge, request)),
          ])
          return charge
        }
        await step.sleep('next-day', pace.day)
      }

      await step.run('payment-failed', request => services.paymentFailed(invoice, request))
      return { succeeded: false, reason: 'declined three times' }
    },
  )
