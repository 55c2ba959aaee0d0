import { openEngine, type WorkflowContext, workflow } from 'perdure'
export const hello = workflow({ id: 'hello' }, async ({ event, step }: WorkflowContext<string>) => {
  const greeting = await step.run('greet', () => `Hello, ${event.data}!`)
  await step.sleep('100ms') // or '30d': the sleep is in the journal, not in this process
  return greeting
})
if (process.argv[1] === import.meta.filename) {
  await using engine = await openEngine({ path: ':memory:', workflows: [hello] })
  const run = await engine.start(hello, 'world')
  console.log(await run.result())
}
