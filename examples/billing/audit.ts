import type { Charge } from '../billing.ts'
import type { Customer } from './customers.ts'
import type { LedgerLine } from './provider.ts'

export interface Finding {
  readonly customer: string
  /** What our run says. */
  readonly run: string
  /** What the service's ledger says. */
  readonly ledger: string
  /** What does not fit; empty when all is as promised. */
  readonly faults: readonly string[]
}

/** Holds what a run says against what the service did. */
export function audit(customer: Customer, charge: Charge, ledger: readonly LedgerLine[]): Finding {
  const lines = ledger.filter(line => line.customer === customer.name)
  const taken = lines.filter(line => line.charge !== undefined)
  const done = (path: string): number =>
    lines.filter(line => line.path === path && line.outcome === 'done').length
  const once = charge.succeeded ? 1 : 0
  const promises: readonly (readonly [string, boolean])[] = [
    ['the run did not end as it should', charge.succeeded === customer.pays],
    [`charged ${taken.length} times`, taken.length === once],
    ['the run names another charge', charge.succeeded ? charge.id === taken[0]?.charge : true],
    ['another amount was charged', taken.every(line => line.cents === customer.cents)],
    ['the database was not updated once', done('/mark-paid') === once],
    ['the receipt was not sent once', done('/send-receipt') === once],
    ['the failure was not handled once', done('/payment-failed') === 1 - once],
  ]
  const requests = lines.filter(line => line.path === '/charge').length
  return {
    customer: customer.name,
    run: charge.succeeded ? `paid, ${charge.id}` : charge.reason,
    ledger: `${taken.length} charge${taken.length === 1 ? '' : 's'}, ${euros(sum(taken))} (${requests} request${requests === 1 ? '' : 's'})`,
    faults: promises.filter(([, kept]) => !kept).map(([fault]) => fault),
  }
}

export const euros = (cents: number): string => `${(cents / 100).toFixed(2)} EUR`

const sum = (lines: readonly LedgerLine[]): number =>
  lines.reduce((total, { cents }) => total + cents, 0)
