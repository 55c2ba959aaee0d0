import { readFileSync } from 'node:fs'
import { bundle } from './bundle.ts'

const mends = (JSON.parse(readFileSync('/tmp/mends.json', 'utf8')) as any[]).filter(m =>
  readFileSync(m.file, 'utf8').includes(m.find),
)
console.log(await bundle('child.ts', 'camp', mends))
