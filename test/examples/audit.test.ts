import { expect, test } from 'vitest'
import { audit } from '../../examples/billing/audit.ts'
import type { LedgerLine } from '../../examples/billing/provider.ts'
import type { Charge } from '../../examples/billing.ts'

const payer = { name: 'ada', cents: 1900, dueAfterMs: 0, conduct: ['charge'], pays: true } as const
const debtor = { ...payer, conduct: ['decline'], pays: false } as const

const line = (path: string, more: Partial<LedgerLine> = {}): LedgerLine => ({
  path,
  idempotencyKey: 'k',
  customer: 'ada',
  cents: 1900,
  outcome: 'done',
  ...more,
})

const taken = line('/charge', { outcome: 'charged', charge: 'c1' })
const booked = [line('/mark-paid'), line('/send-receipt')]
const paid: Charge = { succeeded: true, id: 'c1', cents: 1900 }
const unpaid: Charge = { succeeded: false, reason: 'declined three times' }
const sound = [taken, ...booked]
const failed = [line('/charge', { outcome: 'declined' }), line('/payment-failed')]

test('runs that agree with the ledger have no faults', () => {
  expect(audit(payer, paid, sound)).toEqual({
    customer: 'ada',
    run: 'paid, c1',
    ledger: '1 charge, 19.00 EUR (1 request)',
    faults: [],
  })
  expect(audit(debtor, unpaid, failed).faults).toEqual([])
  expect(audit(payer, paid, [...sound, line('/charge', { customer: 'bob' })]).faults).toEqual([])
})

test.each([
  ['the run did not end as it should', debtor, paid, sound],
  ['charged 2 times', payer, paid, [...sound, taken]],
  ['charged 0 times', payer, paid, booked],
  ['charged 1 times', debtor, unpaid, [...failed, taken]],
  ['the run names another charge', payer, { ...paid, id: 'c2' }, sound],
  ['another amount was charged', payer, paid, [{ ...taken, cents: 1 }, ...booked]],
  ['the database was not updated once', payer, paid, [...sound, line('/mark-paid')]],
  ['the receipt was not sent once', payer, paid, [taken, line('/mark-paid')]],
  ['the failure was not handled once', debtor, unpaid, [...failed, line('/payment-failed')]],
])('%s', (fault, customer, charge, ledger) => {
  expect(audit(customer, charge, ledger).faults).toContain(fault)
})
