import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { Gate } from '../../src/engine/gate.ts'
import { bundle, type Patch } from './bundle.ts'
import type { Verdict } from './child.ts'
import { sabotages } from './sabotages.ts'

const run = promisify(execFile)
/** Programs that run at the same time. */
const gate = new Gate(2)
/** Plans a sabotage may survive at most; the sound program passes all of them. */
const PLANS = 400
const SEED = 20260101
/** Some sabotages make the program hang or grow: that is caught too, by this limit. */
const LIMIT_MS = 45_000
const files: string[] = []

async function verdictOn(name: string, patches: readonly Patch[]): Promise<Verdict> {
  const file = await bundle('child.ts', name.replaceAll(' ', '-'), patches)
  files.push(file)
  const options = { timeout: LIMIT_MS, maxBuffer: 1 << 26 }
  const { stdout } = await run(process.execPath, [file, String(SEED), String(PLANS)], options)
  return JSON.parse(stdout) as Verdict
}

afterAll(() => Promise.all(files.map(file => rm(file, { force: true }))))

describe('the laws', { concurrent: true, timeout: 240_000 }, () => {
  test('hold for the sound program', async () => {
    const { plans, law, fault } = await gate.pass(() => verdictOn('sound', []))
    expect({ plans, law, fault }).toEqual({ plans: PLANS })
  })

  for (const { name, laws, ...patch } of sabotages) {
    test(`notice: ${name}`, async () => {
      const { plans, law } = await gate.pass(() => verdictOn(name, [patch]))
      console.log(`${name}: plan ${plans}, ${law}`)
      expect(laws).toContain(law)
    })
  }

  test('were held against twenty sabotages and more', () => {
    expect(new Set(sabotages.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20)
  })
})
