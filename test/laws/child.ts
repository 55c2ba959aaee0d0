import fc from 'fast-check'
import { type Examination, examinations } from './examine.ts'
import type { Focus } from './focus.ts'
import { LawBroken } from './law.ts'
import { plansOf } from './plan.ts'
import { watchScopes } from './scopes.ts'

/** How a program went: after how many plans a law was broken, if one was. */
export interface Verdict {
  readonly plans: number
  readonly law?: string
  readonly fault?: string
  /** Seconds of the processor. */
  readonly cpu?: number
}

// A fixed order, so that the same arguments always lead to the same verdict.
const ROUND: readonly Examination[] = [
  'every law holds, whatever goes wrong',
  'crashes do not change what a program comes to',
  'every law holds, whatever goes wrong',
  'the same plan writes the same bytes',
  'every law holds, whatever goes wrong',
  'a run that is parked disturbs no other',
]

/** Goes through so many plans of a seed, and stops at the first breach. */
async function examineAll(seed: number, most: number, focus: Focus): Promise<Verdict> {
  const scopes = watchScopes()
  const round = focus === 'runs' ? ROUND : ['every law holds, whatever goes wrong' as const]
  for (const [at, plan] of fc.sample(plansOf(focus), { seed, numRuns: most }).entries()) {
    try {
      await Promise.race([examinations[round[at % round.length] as Examination](plan), escaped])
    } catch (error) {
      const law = error instanceof LawBroken ? error.law : 'no error escapes'
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { plans: at + 1, law, fault }
    }
    scopes.disable()
  }
  return { plans: most }
}

const escaped = new Promise<never>((_, reject) => {
  process.on('unhandledRejection', reject)
  process.on('uncaughtException', reject)
})
escaped.catch(() => {})

const [seed = '1', most = '1', focus = 'all'] = process.argv.slice(2)
const verdict = await examineAll(Number(seed), Number(most), focus as Focus)
const { user, system } = process.cpuUsage()
const told = { ...verdict, cpu: (user + system) / 1e6 }
process.stdout.write(JSON.stringify(told), () => process.exit())
