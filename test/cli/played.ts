import { transform } from 'esbuild'
import * as perdure from 'perdure'
import * as journal from 'perdure/journal'
import * as matchers from 'perdure/testing/vitest'
import { expect } from 'vitest'

/** Runs a test file that was written out, with these in place of what its last import names. */
export async function played(source: string, workflows: readonly object[]): Promise<void> {
  const imports = [...source.matchAll(/^import \{ (.*) \} from '(.*)'$/gm)]
  const given: Record<string, unknown> = {}
  const tests: (() => Promise<void>)[] = []
  const vitest = { expect, test: (_: string, body: () => Promise<void>) => tests.push(body) }
  const modules: Record<string, object> = {
    perdure,
    'perdure/journal': journal,
    'perdure/testing/vitest': matchers,
    vitest,
  }
  for (const [, names = '', from = ''] of imports) {
    for (const [at, name] of names.split(', ').entries()) {
      given[name] = from in modules ? Reflect.get(modules[from]!, name) : workflows[at]
    }
  }
  const body = source.replace(/^import .*$/gm, '')
  const { code } = await transform(body, { loader: 'ts', target: 'node20' })
  new Function(...Object.keys(given), code)(...Object.values(given))
  expect(tests).toHaveLength(1)
  await tests[0]?.()
}
