import { workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

const gatherer = (options: object = {}) => {
  const seen: unknown[] = []
  const collect = workflow(
    {
      id: 'collect',
      triggers: ['app/a'],
      batchEvents: { maxSize: 10, timeout: '40s' },
      ...options,
    },
    async ({ events, step }) => {
      const values = events.map(({ data }) => (data as { n: number }).n)
      await step.run('note', () => void seen.push(...values))
      return values
    },
  )
  return { collect, seen }
}

test('what joins a run in the write that it comes in is not lost when the run leaves memory', async () => {
  const { collect } = gatherer()
  await using engine = await testEngine({ workflows: [collect] })
  await engine.send([1, 2].map(n => ({ name: 'app/a', data: { n } })))
  await engine.settle()
  await engine.advance('41s')
  const [run] = await engine.runs()
  expect(run?.output).toEqual([1, 2])
})

test('an event that cancels a run is not gathered by it, but by the next', async () => {
  const { collect, seen } = gatherer({ cancelOn: [{ event: 'app/a', if: 'async.data.n == 2' }] })
  await using engine = await testEngine({ workflows: [collect] })
  await engine.send({ name: 'app/a', data: { n: 1 } })
  await engine.send([2, 3].map(n => ({ name: 'app/a', data: { n } })))
  await engine.advance('41s')
  expect((await engine.runs()).map(({ status }) => status)).toEqual(['cancelled', 'completed'])
  expect(seen).toEqual([2, 3])
})

const events = [1, 2, 3].map(n => ({ name: 'came', data: n }))

test('a run that leaves memory while it gathers loses nothing of it', async () => {
  const numbers = async ({ events }: { events: readonly { data: unknown }[] }) =>
    events.map(({ data }) => data)
  const options = { id: 'gathers', triggers: [{ event: 'came' }] }
  const batches = workflow({ ...options, batchEvents: { maxSize: 9, timeout: '1m' } }, numbers)
  await using engine = await testEngine({ workflows: [batches] })
  await engine.send(events)
  await engine.settle()
  await engine.advance('1m')
  expect(engine.runs().map(({ output }) => output)).toEqual([[1, 2, 3]])
})

test('what is started is as old as its start, whatever it waits for', async () => {
  const newest = workflow(
    { id: 'newest', triggers: [{ event: 'came' }], debounce: { period: '10s' } },
    async ({ event }: { event: { readonly data: unknown } }) => event.data,
  )
  await using engine = await testEngine({ workflows: [newest] })
  await engine.start(newest, 'first')
  await engine.send({ name: 'came', data: 'last' })
  await engine.advance('10s')
  expect(engine.runs().map(({ output }) => output)).toEqual(['last'])
  await engine.send({ name: 'came', data: 'first' })
  await engine.start(newest, 'second')
  await engine.advance('1s')
  await engine.send({ name: 'came', data: 'last' })
  await engine.advance('10s')
  expect(engine.runs({ status: 'completed' }).map(({ output }) => output)).toEqual(['last', 'last'])
})

test('keys look at the newest of what a run has gathered', async () => {
  const options = { debounce: { period: '10s' }, singleton: { key: 'event.data', mode: 'skip' } }
  const single = workflow(
    { id: 'single', triggers: [{ event: 'came' }], ...(options as typeof options & Skips) },
    ({ step }) => step.sleep('1h'),
  )
  await using engine = await testEngine({ workflows: [single] })
  await engine.send({ name: 'came', data: 'b' })
  await engine.advance('10s')
  await engine.send([
    { name: 'came', data: 'a' },
    { name: 'came', data: 'b' },
  ])
  await engine.advance('10s')
  expect(engine.runs().map(({ status }) => status)).toEqual(['running', 'skipped'])
})

interface Skips {
  readonly singleton: { readonly mode: 'skip' }
}

test('what is refused for a key names the run that its first event has joined', async () => {
  const once = workflow(
    {
      ...{ id: 'once', triggers: [{ event: 'came' }], idempotency: 'event.data' },
      batchEvents: { maxSize: 9, timeout: '1m' },
    },
    async () => {},
  )
  await using engine = await testEngine({ workflows: [once] })
  await engine.send(['a', 'b', 'b'].map(data => ({ name: 'came', data })))
  const [gathers, refused] = engine.runs()
  expect(refused?.entries.at(-1)).toMatchObject({ reason: 'idempotency', by: gathers?.id })
})

test('a batch that was begun in the write that another was full with goes on after a crash', async () => {
  const { collect, seen } = gatherer({ batchEvents: { maxSize: 2, timeout: '40s' } })
  await using engine = await testEngine({ workflows: [collect] })
  // Whose id comes first must not matter.
  await engine.start(collect, { n: 0 }, { id: 'z-first' })
  await engine.send([1, 2].map(n => ({ name: 'app/a', data: { n } })))
  await engine.crash()
  await engine.send({ name: 'app/a', data: { n: 3 } })
  await engine.settle()
  expect(seen).toEqual([0, 1, 2, 3])
})
