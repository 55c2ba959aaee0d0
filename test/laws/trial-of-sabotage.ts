import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Gate } from '../../src/engine/gate.ts'
import { bundle } from './bundle.ts'
import type { Sabotage } from './sabotages.ts'
import type { Verdict } from './verdict.ts'

const run = promisify(execFile)
/** Programs that run at the same time. */
const gate = new Gate(2)
/** Some sabotages make the program hang or grow: that is caught too, by this limit. */
const LIMIT_MS = 120_000

/** Goes through so many plans of a seed with one line broken, or with none. */
export function verdictOn(
  sabotage: Omit<Sabotage, 'laws'> | undefined,
  seed: number,
  plans: number,
): Promise<Verdict> {
  return gate.pass(async () => {
    const name = sabotage?.name.replaceAll(' ', '-') ?? 'sound'
    const patches = sabotage === undefined ? [] : [sabotage]
    const file = await bundle(sabotage?.program ?? 'child.ts', name, patches)
    try {
      const options = { timeout: LIMIT_MS, maxBuffer: 1 << 26 }
      const args = [file, String(seed), String(plans), sabotage?.focus ?? 'runs']
      const { stdout } = await run(process.execPath, args, options)
      return JSON.parse(stdout) as Verdict
    } finally {
      await rm(file, { force: true })
    }
  })
}
