import { replay } from 'perdure/testing'
import { parseTape } from '../../src/testing/tape.ts'
import { planted } from './planted.ts'
console.log(parseTape('p1.1-41W.1Orun-1_book~U0020hotel_0.ZHnSSA'))
try { console.log(await replay(planted[9]!.broken, 'p1.1-41W.1Orun-1_book~U0020hotel_0.ZHnSSA')) } catch (e) { console.log((e as Error).message) }
import { Trial } from '../../src/testing/trial.ts'
import { Prepared } from '../../src/testing/prepared.ts'
for (const at of [1, 6]) {
const one = () => new Trial(new Prepared(planted[at]!.right, { crashes: 2, writes: 1 }), () => 0).run()
for (let k = 0; k < 4; k++) {
  const N = 100, t = performance.now(), c = process.cpuUsage()
  for (let i = 0; i < N; i++) await one()
  const u = process.cpuUsage(c)
  console.log(planted[at]!.bug, N / (performance.now() - t) * 1000, 'trials/s wall', ((u.user + u.system) / N), 'us cpu')
}}
