import { LawBroken } from './law.ts'

/** How a program went: after how many plans a law was broken, if one was. */
export interface Verdict {
  readonly plans: number
  readonly law?: string
  readonly fault?: string
  /** Seconds of the processor. */
  readonly cpu?: number
}

/** Goes through plans, stops at the first breach, prints the verdict and ends the process. */
export async function tellVerdict<Plan>(
  plans: readonly Plan[],
  examine: (plan: Plan, at: number) => Promise<void>,
): Promise<void> {
  const verdict = await verdictOf(plans, examine)
  const { user, system } = process.cpuUsage()
  const told = { ...verdict, cpu: (user + system) / 1e6 }
  process.stdout.write(JSON.stringify(told), () => process.exit())
}

async function verdictOf<Plan>(
  plans: readonly Plan[],
  examine: (plan: Plan, at: number) => Promise<void>,
): Promise<Verdict> {
  const escaped = new Promise<never>((_, reject) => {
    process.on('unhandledRejection', reject)
    process.on('uncaughtException', reject)
  })
  escaped.catch(() => {})
  for (const [at, plan] of plans.entries()) {
    try {
      await Promise.race([examine(plan, at), escaped])
    } catch (error) {
      const law = error instanceof LawBroken ? error.law : 'no error escapes'
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { plans: at + 1, law, fault }
    }
  }
  return { plans: plans.length }
}
