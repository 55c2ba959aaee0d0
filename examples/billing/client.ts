import { NonRetriableError, type StepAttempt } from 'perdure'
import type { Charge, Invoice, Services } from '../billing.ts'

/** The services of billing, over HTTP. */
export function httpServices(url: string): Services {
  const post = async (path: string, invoice: Invoice, attempt: StepAttempt): Promise<unknown> => {
    const { customer, cents } = invoice
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': attempt.idempotencyKey },
      body: JSON.stringify({ customer, cents }),
      signal: attempt.signal,
    })
    const { status } = response
    if (status >= 500) throw new Error(`the service answered ${status}`)
    // 402 Payment Required is the service's way to say "declined": an answer like any other.
    if (status >= 400 && status !== 402) throw new NonRetriableError(`refused with ${status}`)
    return response.json()
  }
  return {
    charge: async (invoice, attempt) => (await post('/charge', invoice, attempt)) as Charge,
    async markPaid(invoice, _charge, attempt) {
      await post('/mark-paid', invoice, attempt)
    },
    async sendReceipt(invoice, _charge, attempt) {
      await post('/send-receipt', invoice, attempt)
    },
    async paymentFailed(invoice, attempt) {
      await post('/payment-failed', invoice, attempt)
    },
  }
}
