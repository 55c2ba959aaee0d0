import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bundle } from './bundle.ts'
import { sabotages } from './sabotages.ts'

const mends = (JSON.parse(readFileSync('/tmp/mends.json', 'utf8')) as any[]).filter(m =>
  readFileSync(m.file, 'utf8').includes(m.find),
)
console.log(mends.length, 'mends')
const filter = process.argv[2]
const all = [
  { name: 'sound', patches: [] as any[] },
  ...sabotages.map(({ name, laws, ...p }) => ({ name, patches: [p], laws })),
].filter(s => !filter || s.name.includes(filter))
const PLANS = process.argv[3] ?? '300'
const one = async () => {
  for (let s = all.shift(); s; s = all.shift()) {
    try {
      const file = await bundle('child.ts', s.name.replaceAll(' ', '-'), [...mends, ...s.patches])
      const t = performance.now()
      await new Promise<void>(done =>
        execFile(
          process.execPath,
          [file, '20260101', PLANS],
          { timeout: 90_000, maxBuffer: 1 << 26 },
          (e, out, err) => {
            const v = out
              ? JSON.parse(out)
              : { law: 'NONE ' + (e?.killed ? 'killed' : String(err).slice(0, 300)) }
            console.log(
              `${v.law === undefined ? 'SURVIVED' : 'caught'} | ${s!.name} | plan ${v.plans} | ${v.law} | ${((performance.now() - t) / 1000).toFixed(1)}s${v.law && (s!.name === 'sound' || v.law === 'no error escapes' || (v.law === 'every run ends once the faults stop' && filter)) ? '\n' + v.fault?.slice(0, 30000) : ''}`,
            )
            done()
          },
        ),
      )
    } catch (e) {
      console.log('FAILED', s.name, String(e).slice(0, 200))
    }
  }
}
await Promise.all([one(), one()])
