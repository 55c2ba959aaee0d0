import { sabotages } from './sabotages.ts'
import { verdictOn } from './trial-of-sabotage.ts'

// Prints after how many schedules each sabotage is noticed, and by which law. Usage: [seed [most]].

const [seed = '20260101', most = '2000', only = ''] = process.argv.slice(2)

const chosen = sabotages.filter(({ name }) => new RegExp(only).test(name))
let processor = 0
const counts = await Promise.all(
  chosen.map(async sabotage => {
    const {
      plans,
      law,
      fault,
      cpu = 0,
    } = await verdictOn(sabotage, Number(seed), Number(most)).catch(error => ({
      plans: Number.NaN,
      cpu: 0,
      law: undefined,
      fault: String(error).slice(0, 200),
    }))
    const isExpected = law !== undefined && sabotage.laws.includes(law)
    const noticed =
      law === undefined ? `NOT NOTICED ${fault ?? ''}` : isExpected ? law : `${law} (UNEXPECTED)`
    processor += cpu
    if (!isExpected) process.exitCode = 1
    console.log(`${String(plans).padStart(5)}  ${sabotage.name.padEnd(66)}  ${noticed}`)
    return law === undefined ? Number.POSITIVE_INFINITY : plans
  }),
)
const sorted = counts.toSorted((a, b) => a - b)
const middle = sorted[Math.floor(sorted.length / 2)]
const cost = `${processor.toFixed(0)} s of processor time`
console.log(`${chosen.length} sabotages, median ${middle}, most ${sorted.at(-1)}; ${cost}`)
