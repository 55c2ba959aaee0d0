import { type Duration, openEngine, type WorkflowContext, workflow } from 'perdure'

export interface Expense {
  readonly id: string
  readonly euros: number
}

export interface Decision {
  readonly approved: boolean
  readonly by: string
}

/** Shows an expense to a person, who answers with the signal `expense/<id>`, now or days later. */
export type Ask = (expense: Expense) => unknown

export const expenses = (ask: Ask, patience: Duration) =>
  workflow({ id: 'expense' }, async ({ event, step }: WorkflowContext<Expense>) => {
    const { id, euros } = event.data
    if (euros < 100) return 'paid'
    await step.run('ask', () => ask(event.data))
    // An answer that comes while the step still runs is not missed.
    const decision = await step.waitForSignal<Decision>('decision', {
      signal: `expense/${id}`,
      timeout: patience,
    })
    if (decision === null) return 'nobody decided in time'
    return decision.approved ? `approved by ${decision.by}` : `refused by ${decision.by}`
  })

if (process.argv[1] === import.meta.filename) {
  const ask: Ask = async ({ id, euros }) => {
    if (id === 'desk') return // the mail is never read
    await engine.signal(`expense/${id}`, { approved: euros < 1_000, by: 'Grace' })
  }
  const expense = expenses(ask, '300ms')
  await using engine = await openEngine({ path: ':memory:', workflows: [expense] })
  const runs = await Promise.all([
    engine.start(expense, { id: 'lunch', euros: 20 }),
    engine.start(expense, { id: 'chair', euros: 400 }),
    engine.start(expense, { id: 'yacht', euros: 90_000 }),
    engine.start(expense, { id: 'desk', euros: 700 }),
  ])
  for (const run of runs) console.log(await run.result())
}
