import { writeSync } from 'node:fs'
import { openEngine, type WorkflowContext, workflow } from 'perdure'

// Runs one step that takes as long as its parent lets it; closes its engine when asked to end.
const [path = ''] = process.argv.slice(2)

const slow = workflow({ id: 'slow' }, async ({ step }: WorkflowContext<undefined>) => {
  const result = await step.run('work', async () => {
    writeSync(1, 'working\n')
    await new Promise(resolve => process.stdin.once('data', resolve))
    return 'worked'
  })
  await step.sleep('30d')
  return result
})

const engine = await openEngine({ path, workflows: [slow], closeOn: ['SIGTERM'] })
await engine.start(slow, undefined, { id: 'slow' })
