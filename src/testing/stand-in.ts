import { type AnyWorkflow, workflow } from '../define/workflow.ts'

/** What a run comes to. */
export interface End {
  readonly ok: boolean
  readonly value: unknown
}

/** A workflow that comes to what its one step, `end`, is told. */
export const standIn = (id: string): AnyWorkflow =>
  workflow({ id, retries: 0 }, async ({ step }) => {
    const { ok, value } = await step.run('end', (): End => {
      throw new Error('A stand-in has no body.')
    })
    if (ok) return value
    throw value
  })

/**
 * The workflow as the run needs it. Nothing else starts runs of it or holds them up, and nothing
 * follows on its end; should it be its own child, or go on as another run, a stand-in runs.
 */
export function unchecked(original: AnyWorkflow, run: string): AnyWorkflow {
  const { code } = standIn(original.id)
  return {
    ...original,
    schema: undefined,
    triggers: [],
    flow: undefined,
    cancelOn: original.cancelOn.map(({ schema: _, ...rule }) => rule),
    onFailure: undefined,
    onCancel: undefined,
    code: context => (context.run.id === run ? original.code(context) : code(context)),
  }
}
