import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const probe = fileURLToPath(new URL('./codec-probe.ts', import.meta.url))

/** Runs the probe in a process of its own; it prints a digest of the bytes of all hand-picked values. */
function run(flags: readonly string[], env: Record<string, string> = {}): string {
  return execFileSync(process.execPath, ['--import', 'tsx', ...flags, probe], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  }).trim()
}

describe('the codec in a process of its own', () => {
  const usual = run([])

  it('works', () => expect(usual).toMatch(/^[0-9a-f]{64}$/))

  it('generates no code', () => {
    expect(run(['--disallow-code-generation-from-strings'])).toBe(usual)
  })

  it('needs no native addon', () => {
    expect(run([], { MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true' })).toBe(usual)
  })

  it('writes none of the memory it has been given', () => {
    expect(run([], { PROBE_GARBAGE: '1' })).toBe(usual)
  })
})
