import * as backlog from './backlog.ts'
import * as batch from './batch.ts'
import * as concurrency from './concurrency.ts'
import * as debounce from './debounce.ts'
import { drawn, LEGEND } from './drawing.ts'
import * as idempotency from './idempotency.ts'
import { looked } from './looking.ts'
import * as pausing from './pausing.ts'
import * as priority from './priority.ts'
import * as rateLimit from './rate-limit.ts'
import { played } from './scene.ts'
import * as singleton from './singleton.ts'
import * as throttle from './throttle.ts'
import * as timeouts from './timeouts.ts'

console.log(LEGEND)
const policies = [rateLimit, idempotency, batch, debounce, singleton, backlog, throttle]
for (const { scenes } of [...policies, concurrency, priority, timeouts, pausing]) {
  for (const scene of scenes) console.log(`\n\n${drawn(await played(scene))}`)
}
console.log(`\n\n${await looked()}`)
