import { openEngine, type WorkflowContext, workflow } from 'perdure'

// Opens the journal given as an argument, starts what is to be started if it is not there yet, and
// waits until none of the runs goes on. Two of them end the process.
type Context = WorkflowContext<unknown>

const inCode = workflow({ id: 'in-code' }, async ({ step }: Context) => {
  await step.run('before', () => 1)
  process.abort()
})

const inBody = workflow({ id: 'in-body' }, async ({ step }: Context) => {
  await step.run('deadly', () => process.abort())
})

const neighbour = workflow({ id: 'neighbour' }, async ({ step }: Context) => {
  for (let at = 0; at < 10; at++) {
    await step.run(`part-${at}`, () => at)
    await step.sleep(20)
  }
  return 'well'
})

const engine = await openEngine({
  path: process.argv[2] ?? '',
  workflows: [inCode, inBody, neighbour],
})
await Promise.all([
  engine.start(neighbour, undefined, { id: 'neighbour' }),
  engine.start(inBody, undefined, { id: 'in-body' }),
])
await engine.start(inCode, undefined, { id: 'in-code' })
for (const id of ['neighbour', 'in-body', 'in-code']) {
  const run = await engine.run(id)
  const end = await run.result().catch(({ facts }: { facts: object }) => facts)
  console.log(JSON.stringify([id, await run.status(), end]))
}
await engine.close()
