import { saysNoSuchRun } from '../../journal/error.ts'
import type { Source } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { momentOf } from './filters.ts'
import { flowchart } from './graph/flowchart.ts'
import { RunTrace } from './graph/observed.ts'
import { statechart, states } from './graph/statechart.ts'
import { type NodeTally, Tallies } from './graph/tallies.ts'
import { plain } from './plain.ts'
import { Progress } from './progress.ts'
import type { GraphRecord, StatechartRecord } from './records/graph.ts'
import { UsageError } from './usage.ts'

export interface GraphOptions {
  readonly state?: true
  readonly since?: string
  readonly limit?: number
}

/** `perdure graph` */
export async function graph(
  context: Context,
  workflow: string | undefined,
  options: GraphOptions,
): Promise<Exit> {
  if (options.state === true) return stateOf(context, workflow)
  if (workflow === undefined) {
    throw new UsageError('USAGE_INVALID', 'No workflow is named.', {
      hint: 'perdure graph <workflow>, or perdure graph --state for what may happen to any run.',
    })
  }
  return context.journal(async ({ source }) => {
    const { tallies, runs } = await observed(source, workflow, options, context)
    if (runs === 0) throw await noRuns(workflow, options, source)
    const mermaid = flowchart(tallies)
    await context.output.one(recordOf(workflow, runs, tallies, mermaid), () => mermaid)
    await context.tell(`${runs === 1 ? '1 run' : `${runs} runs`} of ${plain(workflow)}`)
    return exit.ok
  })
}

async function observed(
  source: Source,
  workflow: string,
  { since, limit }: GraphOptions,
  context: Context,
): Promise<{ readonly tallies: Tallies; readonly runs: number }> {
  const tallies = new Tallies()
  const progress = new Progress(context, 'reading')
  const from = momentOf('--since', since, context.io.now())
  const query = {
    // A star in it would stand for any text, so what comes is compared again below.
    workflow,
    ...(from !== undefined && { since: from }),
    ...(limit !== undefined && { limit }),
  }
  let runs = 0
  for await (const heads of source.runs({
    order: limit === undefined ? 'id' : 'newest',
    ...query,
  })) {
    for (const { run, workflow: of } of heads) {
      if (of !== workflow) continue
      if (!(await traced(run, source, tallies))) continue
      progress.at(++runs, undefined, 'runs')
    }
  }
  progress.clear()
  return { tallies, runs }
}

/** Adds what a run did; false: it was removed since it was listed. */
export async function traced(run: string, source: Source, tallies: Tallies): Promise<boolean> {
  const trace = new RunTrace(run, tallies)
  try {
    for await (const records of source.records(run)) for (const each of records) trace.take(each)
  } catch (error) {
    if (saysNoSuchRun(error)) return false
    throw error
  }
  trace.finish()
  return true
}

async function noRuns(
  workflow: string,
  { since }: GraphOptions,
  source: Source,
): Promise<UsageError> {
  const { workflows } = await source.census()
  const names = workflows.map(each => each.workflow).sort()
  const when = since === undefined ? '' : ` since ${since}`
  return new UsageError('NOT_FOUND', `There are no runs of workflow ${workflow}${when}.`, {
    hint: names.length === 0 ? 'There are none at all.' : `There are runs of ${names.join(', ')}.`,
    facts: { workflow },
  })
}

function recordOf(
  workflow: string,
  runs: number,
  { nodes, edges }: Tallies,
  mermaid: string,
): GraphRecord {
  return {
    v: 1,
    kind: 'graph',
    workflow,
    runs,
    nodes: nodes.map(nodeOf),
    edges: [...edges],
    mermaid,
  }
}

const nodeOf = ({ detail, ...node }: NodeTally): GraphRecord['nodes'][number] => ({
  ...node,
  ...(detail !== '' && { detail }),
})

async function stateOf(context: Context, workflow: string | undefined): Promise<Exit> {
  const counts = workflow === undefined ? undefined : await countsOf(context, workflow)
  const mermaid = statechart(counts)
  const record: StatechartRecord = {
    ...{ v: 1, kind: 'statechart' },
    ...(workflow !== undefined && { workflow }),
    states: states().map(state => ({
      ...state,
      ...(counts !== undefined && { runs: counts.get(state.name) ?? 0 }),
    })),
    mermaid,
  }
  await context.output.one(record, () => mermaid)
  return exit.ok
}

const countsOf = (context: Context, workflow: string): Promise<ReadonlyMap<string, number>> =>
  context.journal(async ({ source }) => {
    const { workflows } = await source.census()
    const found = workflows.find(each => each.workflow === workflow)
    if (found === undefined) throw await noRuns(workflow, {}, source)
    return new Map(Object.entries(found.status))
  })
