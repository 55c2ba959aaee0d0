import { check } from 'perdure/testing'
import { planted } from './planted.ts'
const at = +process.argv[2]!
const r = await check(planted[at]!.right, { regressions: false, ms: 6000 }); console.log('  right', r)
