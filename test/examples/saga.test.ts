import { CancelledError, NonRetriableError, openEngine } from 'perdure'
import { expect, test } from 'vitest'
import { type Agency, booking } from '../../examples/saga.ts'
import { story } from './story.ts'

/** An agency that notes what it is asked for, and does `odd` when it is to book that part. */
function agencyOf(odd: Record<string, (signal: AbortSignal) => Promise<string>> = {}) {
  const log: string[] = []
  const agency: Agency = {
    async book(part, signal) {
      log.push(`book ${part}`)
      return (await odd[part]?.(signal)) ?? `ticket for the ${part}`
    },
    async cancel(part) {
      log.push(`cancel ${part}`)
    },
  }
  return { log, agency }
}

test('a trip that works out is booked, and nothing is undone', async () => {
  const { log, agency } = agencyOf()
  const trips = booking(agency)
  await using engine = await openEngine({ path: ':memory:', workflows: [trips] })
  const run = await engine.start(trips, { traveller: 'Ada' })
  expect(await run.result()).toEqual([
    'ticket for the flight',
    'ticket for the hotel',
    'ticket for the car',
  ])
  expect(log).toEqual(['book flight', 'book hotel', 'book car'])
})

test('cancelled in the middle: the step is aborted, and all that was begun is undone', async () => {
  let phone!: () => void
  const rings = new Promise<void>(resolve => {
    phone = resolve
  })
  let hungUp = false
  const { log, agency } = agencyOf({
    hotel: signal =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          hungUp = true
          reject(signal.reason)
        })
        phone()
      }),
  })
  const trips = booking(agency)
  await using engine = await openEngine({ path: ':memory:', workflows: [trips] })
  const run = await engine.start(trips, { traveller: 'Ada' })
  await rings
  await run.cancel('we stay at home')

  await expect(run.result()).rejects.toBeInstanceOf(CancelledError)
  expect(await run.status()).toBe('cancelled')
  expect(hungUp).toBe(true)
  expect(log).toEqual(['book flight', 'book hotel', 'cancel hotel', 'cancel flight'])
  const lines = (await story(run)).filter(line => !line.startsWith('step.late'))
  expect(lines).toEqual([
    'run.scheduled',
    'run.started',
    'step.scheduled book-flight',
    'step.succeeded book-flight',
    'step.scheduled book-hotel',
    'run.cancel_requested',
    'step.scheduled cancel-hotel',
    'step.succeeded cancel-hotel',
    'step.scheduled cancel-flight',
    'step.succeeded cancel-flight',
    'run.cancelled',
  ])
})

test('a part that cannot be booked undoes the others, and the run says why it failed', async () => {
  const { log, agency } = agencyOf({
    car: () => Promise.reject(new NonRetriableError('no car left')),
  })
  const trips = booking(agency)
  await using engine = await openEngine({ path: ':memory:', workflows: [trips] })
  const run = await engine.start(trips, { traveller: 'Ada' })

  await expect(run.result()).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: 'no car left',
    stepId: 'book-car',
    attempts: 1,
  })
  expect(log.slice(-3)).toEqual(['cancel car', 'cancel hotel', 'cancel flight'])
})
