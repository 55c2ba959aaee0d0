import { isDeepStrictEqual } from 'node:util'
import { carryOut } from './driver.ts'
import { LawBroken } from './law.ts'
import { type Plan, quiet, timelessPlan, withOutlaws } from './plan.ts'
import { story } from './story.ts'
import type { Trial } from './trial.ts'
import { recordedResult } from './witness-laws.ts'

/** The ways to hold a plan against the laws, by the law that each adds to those of every trial. */
export const examinations = {
  'every law holds, whatever goes wrong': async plan => void (await carryOut(plan)),

  'every law holds, and every run is replayed after every turn': async plan =>
    void (await carryOut(plan, { alwaysReplay: true })),

  'the same plan writes the same bytes': async plan => {
    const [once, again] = await withoutStacks(async () => [
      await carryOut(plan),
      await carryOut(plan),
    ])
    for (const [key, value] of once.disk.rows) {
      const other = again.disk.rows.get(key)
      if (other === undefined || !Buffer.from(value).equals(other)) throw differs(key, once, again)
    }
  },

  'crashes do not change what a program comes to': async plan => {
    const timeless = timelessPlan(plan)
    compare(await carryOut(timeless), await carryOut(quiet(timeless)))
  },

  'a run that is parked disturbs no other': async plan => {
    const timeless = timelessPlan(plan)
    compare(await carryOut(withOutlaws(timeless)), await carryOut(quiet(timeless)))
  },
} as const satisfies { [law: string]: (plan: Plan) => Promise<void> }

export type Examination = keyof typeof examinations

// Where this file calls from is part of the stacks of errors, which are recorded.
async function withoutStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await work()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function differs(key: string, once: Trial, again: Trial): LawBroken {
  const fault = `${key}\n${story(once)}\nand then\n${story(again)}`
  return new LawBroken('the same plan writes the same bytes', fault)
}

function compare(trial: Trial, undisturbed: Trial): void {
  for (const run of trial.history.runs.keys()) {
    const expected = recordedResult(run, undisturbed.history)
    // Successors have ids of their own; what they come to is the result of the first.
    if (expected === undefined || !/^run\d+$/.test(run)) continue
    const result = recordedResult(run, trial.history)
    if (isDeepStrictEqual(result, expected)) continue
    const fault = `${run} came to ${JSON.stringify(result)}, undisturbed to ${JSON.stringify(expected)}`
    throw new LawBroken(
      'crashes do not change what a program comes to',
      `${fault}\n${story(trial)}\nundisturbed\n${story(undisturbed)}`,
    )
  }
}
