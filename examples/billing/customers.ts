import type { Invoice } from '../billing.ts'
import type { Conduct } from './provider.ts'

/** What is to be seen in the demonstration: who owes what, and what goes wrong with it. */
export interface Customer {
  readonly name: string
  readonly cents: number
  /** When the invoice is due, counted from the first one. */
  readonly dueAfterMs: number
  /** How the payment service treats each new request to charge; the last one again and again. */
  readonly conduct: readonly [Conduct, ...Conduct[]]
  readonly pays: boolean
}

export const customers: readonly Customer[] = [
  { name: 'ada', cents: 1900, dueAfterMs: 0, conduct: ['charge'], pays: true },
  { name: 'grace', cents: 2900, dueAfterMs: 0, conduct: ['fail', 'hang', 'charge'], pays: true },
  { name: 'alan', cents: 3900, dueAfterMs: 0, conduct: ['decline', 'charge'], pays: true },
  { name: 'edsger', cents: 4900, dueAfterMs: 0, conduct: ['decline'], pays: false },
  // The worst moment for a crash: the money is taken, and nobody on our side knows.
  { name: 'barbara', cents: 5900, dueAfterMs: 1_100, conduct: ['charge and hang'], pays: true },
]

export const invoiceOf = ({ name, cents, dueAfterMs }: Customer, firstDue: Date): Invoice => ({
  number: `invoice-${name}`,
  customer: name,
  cents,
  date: new Date(firstDue.getTime() + dueAfterMs),
})
