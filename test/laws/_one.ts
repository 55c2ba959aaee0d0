import { inspect } from 'node:util'
import fc from 'fast-check'
import { carryOut } from './driver.ts'
import { plans, timelessPlan } from './plan.ts'

const [seed, n, at] = process.argv.slice(2).map(Number)
const plan = timelessPlan(fc.sample(plans, { seed: seed!, numRuns: n! })[at! - 1]!)
console.log(inspect(plan, { depth: 12 }))
try {
  await carryOut(plan)
} catch (e) {
  console.log(String(e).slice(0, 300))
}
