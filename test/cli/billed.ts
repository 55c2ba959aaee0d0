import { billing, type Charge, type Invoice } from '../../examples/billing.ts'
import { type Timeline, timelineOf } from '../../src/inspect/timeline.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { RunView } from '../../src/testing/run-view.ts'

/** A run of the billing example in virtual time: the network fails, then the bank declines once. */
export async function billed(): Promise<Timeline> {
  const machine = new Machine(timeOrderedIds(size => Buffer.alloc(size)))
  const after = (ms: number): Promise<void> =>
    new Promise(resolve => {
      machine.clock.alarm(ms, resolve)
    })
  const charges = [
    async (): Promise<Charge> => {
      await after(3_100)
      throw new Error('the service answered 503')
    },
    async (): Promise<Charge> => ({ succeeded: false, reason: 'declined' }),
    async (): Promise<Charge> => ({ succeeded: true, id: 'ch_1', cents: 3900 }),
  ]
  let charged = 0
  const flow = billing({
    async charge() {
      await after(1_400)
      return (charges[charged++] ?? charges[2])!()
    },
    markPaid: () => after(650),
    sendReceipt: () => after(2_200),
    paymentFailed: () => after(100),
  })
  await machine.boot(() => ({ workflows: [flow] }))
  const { engine } = machine
  if (engine === undefined) throw machine.failure
  const date = new Date(machine.clock.wall() + 3_600_000)
  const invoice: Invoice = { number: 'i-17', customer: 'alan', cents: 3900, date }
  void engine.start(flow, invoice, { id: 'invoice-17' })
  await machine.settle()
  await passTime(machine.clock, 3 * 86_400_000, () => machine.settle())
  const records = new RunView(machine.disk.rows, 'invoice-17').records()
  await machine.stop()
  return timelineOf('invoice-17', records)
}
