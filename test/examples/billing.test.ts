import { NonRetriableError, openEngine } from 'perdure'
import { afterEach, expect, test } from 'vitest'
import { httpServices } from '../../examples/billing/client.ts'
import { type Conduct, Provider } from '../../examples/billing/provider.ts'
import { listen, serve } from '../../examples/billing/server.ts'
import {
  billing,
  everyday,
  type Invoice,
  type Pace,
  type Services,
} from '../../examples/billing.ts'
import { story } from './story.ts'

const quick: Pace = { day: '1ms', answer: '10s', repeat: ['1ms'] }

const invoice: Invoice = { number: 'i1', customer: 'ada', cents: 1900, date: new Date(0) }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function providerOf(...conduct: Conduct[]): Promise<{ provider: Provider; url: string }> {
  const provider = new Provider(new Map([['ada', conduct]]))
  const server = serve(provider)
  const url = await listen(server)
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { provider, url }
}

async function bill(services: Services, pace: Pace = quick) {
  const workflow = billing(services, pace)
  const engine = await openEngine({ path: ':memory:', workflows: [workflow] })
  closing.push(() => engine.close())
  return engine.start(workflow, invoice)
}

const outcomes = (provider: Provider): string[] =>
  provider.ledger.map(({ path, outcome }) => `${path} ${outcome}`)

test('an invoice is charged at once, then the database and the receipt follow in parallel', async () => {
  const { provider, url } = await providerOf('charge')
  const run = await bill(httpServices(url))

  expect(await run.result()).toEqual({ succeeded: true, id: 'charge-1', cents: 1900 })
  const lines = await story(run)
  expect(lines.slice(0, 8)).toEqual([
    'run.scheduled',
    'run.started',
    'timer.set invoice-date',
    'timer.fired invoice-date',
    'step.scheduled charge',
    'step.succeeded charge',
    'step.scheduled update-database',
    'step.scheduled send-receipt',
  ])
  expect(lines.slice(8, 10).sort()).toEqual([
    'step.succeeded send-receipt',
    'step.succeeded update-database',
  ])
  expect(lines.slice(10)).toEqual(['run.completed'])
  expect(outcomes(provider).sort()).toEqual([
    '/charge charged',
    '/mark-paid done',
    '/send-receipt done',
  ])
})

test('a charge that is declined on the first day is tried again on the next, as a new step', async () => {
  const { provider, url } = await providerOf('decline', 'charge')
  const run = await bill(httpServices(url))

  expect(await run.result()).toEqual({ succeeded: true, id: 'charge-2', cents: 1900 })
  expect((await story(run)).slice(4, 10)).toEqual([
    'step.scheduled charge',
    'step.succeeded charge',
    'timer.set next-day',
    'timer.fired next-day',
    'step.scheduled charge:1',
    'step.succeeded charge:1',
  ])
  const [declined, charged] = provider.ledger
  expect(declined?.idempotencyKey).not.toBe(charged?.idempotencyKey)
})

test('after three days the failed payment is handled, and nothing is charged', async () => {
  const { provider, url } = await providerOf('decline')
  const run = await bill(httpServices(url))

  expect(await run.result()).toEqual({ succeeded: false, reason: 'declined three times' })
  expect(outcomes(provider)).toEqual([
    '/charge declined',
    '/charge declined',
    '/charge declined',
    '/payment-failed done',
  ])
  const lines = await story(run)
  expect(lines.filter(line => line.startsWith('timer.fired next-day'))).toHaveLength(3)
  expect(lines.slice(-3)).toEqual([
    'step.scheduled payment-failed',
    'step.succeeded payment-failed',
    'run.completed',
  ])
})

test('network errors are repeated within the day, under one key', async () => {
  const { provider, url } = await providerOf('fail', 'fail', 'charge')
  const run = await bill(httpServices(url))

  expect(await run.result()).toMatchObject({ succeeded: true, id: 'charge-3' })
  expect((await story(run)).slice(4, 10)).toEqual([
    'step.scheduled charge',
    'step.failed charge',
    'timer.fired charge',
    'step.failed charge',
    'timer.fired charge',
    'step.succeeded charge',
  ])
  const charges = provider.ledger.filter(({ path }) => path === '/charge')
  expect(new Set(charges.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
})

test('no answer in time: asked again, and money that was taken already is not taken twice', async () => {
  const { provider, url } = await providerOf('charge and hang')
  const run = await bill(httpServices(url), { ...quick, answer: '200ms' })

  expect(await run.result()).toMatchObject({ succeeded: true, id: 'charge-1' })
  expect(outcomes(provider).slice(0, 2)).toEqual([
    '/charge charged, but no answer',
    '/charge same request: same answer',
  ])
  expect(provider.ledger.filter(({ charge }) => charge !== undefined)).toHaveLength(1)
})

test('a service that stays away fails the run, with the reason', async () => {
  const { provider, url } = await providerOf('fail')
  const run = await bill(httpServices(url))

  await expect(run.result()).rejects.toMatchObject({
    code: 'STEP_FAILED',
    stepId: 'charge',
    attempts: 5,
    message: 'the service answered 503',
  })
  expect(provider.ledger).toHaveLength(5)
})

test('a request the service refuses for good is not repeated', async () => {
  const services = httpServices((await providerOf('charge')).url)
  const attempt = { attempt: 0, idempotencyKey: 'k', signal: new AbortController().signal }
  const charge = await services.charge(invoice, attempt)
  expect(await services.charge(invoice, attempt)).toEqual(charge)
  await expect(services.charge({ ...invoice, cents: 1 }, attempt)).rejects.toThrow(
    NonRetriableError,
  )
})

test('nothing is charged before the invoice is due', async () => {
  const { provider, url } = await providerOf('charge')
  const workflow = billing(httpServices(url))
  const engine = await openEngine({ path: ':memory:', workflows: [workflow] })
  closing.push(() => engine.close())
  const due = new Date(Date.now() + 3_600_000)
  const run = await engine.start(workflow, { ...invoice, date: due })

  // Starting a run is one turn: when it is acknowledged, its code has come to its first rest.
  expect(await story(run)).toEqual(['run.scheduled', 'run.started', 'timer.set invoice-date'])
  expect(await run.status()).toBe('running')
  expect(provider.ledger).toEqual([])
})

test('in everyday life a day is a day', () => {
  expect(everyday.day).toBe('24h')
})
