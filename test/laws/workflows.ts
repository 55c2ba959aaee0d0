import { type Workflow, workflow } from 'perdure'
import type { RunData } from './calls.ts'
import { written, writtenTrigger } from './event-facts.ts'
import { NO_SURROUNDINGS } from './event-nodes.ts'
import { interpret } from './interpreter.ts'
import type { Program } from './program.ts'
import type { LiveStage } from './stage.ts'

/** The workflow that is told how runs ended. */
export const WATCHER = 'watcher'

const watching: Program = { ...NO_SURROUNDINGS, continues: 0, parts: [{ kind: 'chance' }] }

export const ENDINGS = ['completed', 'failed', 'cancelled'] as const

/** The workflows of the programs, and one that watches how their runs end. */
export function workflowsOf(
  programs: readonly Program[],
  watcher: boolean,
  stage: LiveStage,
): Workflow<RunData>[] {
  const all = programs.map((program, at) => workflowOf(program, at, stage))
  if (watcher) {
    const triggers = ENDINGS.map(status => `perdure/run.${status}` as const)
    all.push(workflow({ id: WATCHER, triggers }, interpret(watching, stage) as never))
  }
  return all
}

function workflowOf(program: Program, at: number, stage: LiveStage): Workflow<RunData> {
  const { triggers = [], cancelOn = [], handlers = false, flow } = program
  const handler = async (): Promise<string> => 'handled'
  const options = {
    id: `w${at}`,
    retries: 3,
    backoff: ['3s'],
    triggers: triggers.map(writtenTrigger),
    cancelOn: cancelOn.map(({ name, how, timeout }) => ({
      event: name,
      ...written(how),
      ...(timeout !== undefined && { timeout }),
    })),
    ...(handlers && { onFailure: handler, onCancel: handler }),
    ...flow,
  }
  return workflow(options as { id: string }, interpret(program, stage)) as Workflow<RunData>
}
