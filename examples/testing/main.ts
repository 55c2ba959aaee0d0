import { auditIdempotency, check, explore, PropertyFailed } from 'perdure/testing'
import { broken, comesBack, sound } from './specs.ts'

const found = await check(broken).catch(error => error)
if (!(found instanceof PropertyFailed)) throw new Error('the bug was not found', { cause: found })
console.log(found.message)

const { schedules } = await check(sound, { schedules: 100, ms: 60_000 })
console.log(`\nmended: nothing was found in ${schedules} schedules`)

const { text } = await explore({ ...sound, ...comesBack, faults: { crashes: 1, cancels: 1 } })
console.log(text)

for (const spec of [broken, sound]) {
  const { text } = await auditIdempotency({ ...spec, ...comesBack })
  console.log(`\n${text}`)
}
