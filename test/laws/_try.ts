import { inspect } from 'node:util'
import fc from 'fast-check'
import { examinations } from './examine.ts'
import { plans } from './plan.ts'
import { watchScopes } from './scopes.ts'

const seed = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 200)
const t0 = performance.now()
const scopes = watchScopes()
let done = 0
const out = await fc.check(
  fc.asyncProperty(plans, async p => {
    done++
    const t = performance.now()
    await examinations[
      (Object.keys(examinations) as any)[Number(process.argv[4] ?? 0)] as keyof typeof examinations
    ](p)
    const d = performance.now() - t
    scopes.disable()
    if (d > 1400) console.log('slow', d | 0, JSON.stringify(p))
  }),
  { seed, numRuns: n, ...(process.argv[5] ? { path: process.argv[5], endOnFailure: true } : {}) },
)
console.log(
  'cpu',
  process.cpuUsage().user / 1e6 / done,
  'trials',
  done,
  'ms/trial',
  ((performance.now() - t0) / done).toFixed(2),
)
if (out.failed) {
  console.log(
    'after',
    out.numRuns,
    'shrinks',
    out.numShrinks,
    'path',
    out.counterexamplePath,
    inspect(out.counterexample?.[0], { depth: 12 }),
  )
  console.log(
    out.errorInstance instanceof Error
      ? out.errorInstance.name === 'LawBroken'
        ? out.errorInstance.message
        : out.errorInstance.stack
      : out.error,
  )
}
