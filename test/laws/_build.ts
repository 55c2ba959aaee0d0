import { existsSync, readFileSync, renameSync } from 'node:fs'
import { bundle } from './bundle.ts'

const all: { file: string; find: string; replace: string }[] = existsSync('/tmp/mends.json')
  ? JSON.parse(readFileSync('/tmp/mends.json', 'utf8'))
  : []
const mends = all.filter(m => readFileSync(m.file, 'utf8').includes(m.find))
console.log(mends.length, 'mends')
const out = await bundle('_try.ts', 'try', mends)
renameSync(out, '/work/main/node_modules/.cache/perdure-laws/try.mjs')
