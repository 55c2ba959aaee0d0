import { openEngine } from 'perdure'
import { billing, type Pace } from '../billing.ts'
import { httpServices } from './client.ts'
import { customers, invoiceOf } from './customers.ts'
import { endWithParent } from './end-with-parent.ts'

/** Short days, so that the demonstration is over soon. Compare `everyday` in ../billing.ts. */
const quick: Pace = { day: '1400ms', answer: '800ms', repeat: ['100ms'] }

// The engine: a process of its own. node engine.ts <journal> <url of the service> <first due date>
const [path = '', url = '', firstDue = ''] = process.argv.slice(2)

endWithParent()
const workflow = billing(httpServices(url), quick)
await using engine = await openEngine({ path, workflows: [workflow] })

// Opening the journal has already brought back every run that had not ended. Starting a run again
// under the same id, with the same data, gives the run there is: no need to ask which life this is.
const runs = await Promise.all(
  customers.map(async customer => {
    const invoice = invoiceOf(customer, new Date(firstDue))
    return engine.start(workflow, invoice, { id: invoice.number })
  }),
)
await Promise.all(runs.map(run => run.result()))
