import { sampleEngine } from '../../journal/sample.ts'

/** An engine with runs of all kinds in a process that is to be killed. */
const [path = ''] = process.argv.slice(2)
await sampleEngine({ path })
console.log('ready')
setInterval(() => {}, 60_000)
