import { check, PropertyFailed } from 'perdure/testing'
import { planted } from './planted.ts'

const only = process.argv[2]
for (const { bug, broken, right } of planted) {
  if (only && !bug.includes(only)) continue
  const t = performance.now()
  try {
    const r = await check(broken as any, { regressions: false })
    console.log('NOT FOUND', bug, r)
  } catch (e) {
    console.log(
      bug,
      e instanceof PropertyFailed ? '' : 'OTHER',
      (performance.now() - t).toFixed(0),
      'ms\n',
      e instanceof PropertyFailed ? e.message : e,
    )
  }
  try {
    const r = await check(right as any, { regressions: false, ms: 2000 })
    console.log('  right', r)
  } catch (e) {
    console.log('  FALSE ALARM', e instanceof Error ? e.message : e)
  }
}
