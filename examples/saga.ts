import { setTimeout as pause } from 'node:timers/promises'
import { type CancelledError, openEngine, type WorkflowContext, workflow } from 'perdure'

export interface Trip {
  readonly traveller: string
}

/** What a trip is booked with. Cancelling what was never booked must do no harm. */
export interface Agency {
  book(part: string, signal: AbortSignal): Promise<string>
  cancel(part: string): Promise<void>
}

const PARTS = ['flight', 'hotel', 'car']

/** All parts of a trip are booked, or none is: what was done is undone, newest first. */
export const booking = (agency: Agency) =>
  workflow({ id: 'booking' }, async ({ step }: WorkflowContext<Trip>) => {
    const begun: string[] = []
    let complete = false
    try {
      const tickets: string[] = []
      for (const part of PARTS) {
        // Noted before the step: one that was broken off may have booked all the same.
        begun.unshift(part)
        tickets.push(await step.run(`book-${part}`, ({ signal }) => agency.book(part, signal)))
      }
      complete = true
      return tickets
    } finally {
      // A failed step and a cancelled run both come this way. In a run that is being cancelled every
      // further step throws, except inside a shield.
      if (!complete) {
        await step.shield(async () => {
          for (const part of begun) await step.run(`cancel-${part}`, () => agency.cancel(part))
        })
      }
    }
  })

if (process.argv[1] === import.meta.filename) {
  const agency: Agency = {
    async book(part, signal) {
      console.log(`book the ${part}`)
      if (part === 'car') {
        // Nobody picks up the phone, and we change our minds.
        void engine.cancel('trip-1', 'we stay at home')
        await pause(60_000, undefined, { signal })
      }
      return `ticket for the ${part}`
    },
    async cancel(part) {
      console.log(`cancel the ${part}`)
    },
  }
  const trips = booking(agency)
  await using engine = await openEngine({ path: ':memory:', workflows: [trips] })
  const run = await engine.start(trips, { traveller: 'Ada' }, { id: 'trip-1' })
  await run.result().catch((error: CancelledError) => console.log(error.message))
}
