import { workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { asked } from './report.ts'

const report = workflow(
  {
    id: 'report',
    triggers: asked,
    concurrency: { limit: 1, per: 'run', key: 'event.data.who' },
    singleton: { mode: 'skip', key: 'event.data.name' },
  },
  async ({ step }) => {
    await step.sleep('let it settle', '4s')
  },
)

/** What the engine says of runs that do not go on, and of all there are. */
export async function looked(): Promise<string> {
  await using engine = await testEngine({ workflows: [report] })
  const one = await engine.start(report, { who: 'ada', name: 'a' }, { id: 'one' })
  const two = await engine.start(report, { who: 'ada', name: 'b' }, { id: 'two' })
  const three = await engine.start(report, { who: 'ada', name: 'a' }, { id: 'three' })
  await engine.settle()

  const lines: unknown[] = []
  for (const run of [one, two, three]) {
    const { status, waitsFor } = await engine.why(run)
    lines.push(`${run.id}: ${status}`, ...waitsFor.map(reason => `  ${JSON.stringify(reason)}`))
  }
  const { runs, waitingRuns, waitingBytes, gatheringRuns, limitKeys } = engine.stats()
  lines.push(JSON.stringify({ runs, waitingRuns, waitingBytes, gatheringRuns, limitKeys }))
  lines.push(`skipped: ${engine.runs({ status: 'skipped' }).length}`)
  return lines.join('\n')
}
