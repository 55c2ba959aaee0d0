import { openEngine, workflow, connect } from '/tmp/wt/found/src/index.ts'
import { mkdtempSync, statSync } from 'node:fs'
const dir = mkdtempSync('/tmp/ctl-')
const greet = workflow({ id: 'greet' }, async ({ event, step }: any) => {
  const a = await step.run('a', () => 'hello ' + event.data.name)
  await step.sleep('1h')
  return a
})
const quick = workflow({ id: 'quick' }, async ({ event, step }: any) => ({ at: new Date(0), n: await step.run('n', () => 12n) }))
const engine = await openEngine({ path: dir, workflows: [greet, quick] })
console.log(statSync(dir + '/control.sock').mode.toString(8))
const c = (await connect(dir))!
const id = await c.start('greet', { name: 'Ada' })
const q = await c.start('quick', { x: 1 })
console.log(await c.result(q))
console.log(await c.why(id), await c.about())
for await (const p of c.runs({ order: 'newest', limit: 5 })) console.log(p)
for await (const p of c.records(id)) console.log(p)
const seen: any[] = []
const tail = (async () => { for await (const p of c.commits({ after: 0, follow: true })) { seen.push(...p); if (seen.length > 5) break } })()
await c.start('quick', { x: 2 })
await tail
console.log(seen.map(s => [s.commit, s.workflow, s.record.entries.map((e: any) => e.type).join()]))
console.log(await c.census(), await c.stats())
await c.start('nope').catch(e => console.log(e.code, e.message, e.hint, e.facts))
await c.close()
await engine.close()
