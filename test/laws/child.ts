import fc from 'fast-check'
import { type Examination, examinations } from './examine.ts'
import type { Focus } from './focus.ts'
import { plansOf } from './plan.ts'
import { watchScopes } from './scopes.ts'
import { tellVerdict } from './verdict.ts'

// A fixed order, so that the same arguments always lead to the same verdict.
const ROUND: readonly Examination[] = [
  'every law holds, whatever goes wrong',
  'crashes do not change what a program comes to',
  'every law holds, whatever goes wrong',
  'the same plan writes the same bytes',
  'every law holds, whatever goes wrong',
  'a run that is parked disturbs no other',
]

const [seed = '1', most = '1', focus = 'all'] = process.argv.slice(2)
const scopes = watchScopes()
const round = focus === 'runs' ? ROUND : ['every law holds, whatever goes wrong' as const]
const plans = fc.sample(plansOf(focus as Focus), { seed: Number(seed), numRuns: Number(most) })

await tellVerdict(plans, async (plan, at) => {
  await examinations[round[at % round.length] as Examination](plan)
  scopes.disable()
})
