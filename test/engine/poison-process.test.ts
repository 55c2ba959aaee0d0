import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verifyDirectory } from 'perdure/journal'
import { expect, test } from 'vitest'

const CHILD = fileURLToPath(new URL('./poison-child.ts', import.meta.url))
/** No core is left behind. */
const WITHOUT_CORE = 'ulimit -c 0; exec "$0" "$@"'

test('runs that abort the process are parked one after the other, their neighbour ends', async () => {
  const path = await mkdtemp(join(tmpdir(), 'perdure-poison-'))
  try {
    const life = () =>
      spawnSync('sh', ['-c', WITHOUT_CORE, process.execPath, '--import', 'tsx', CHILD, path], {
        encoding: 'utf8',
      })
    let deaths = 0
    let { signal, stdout } = life()
    for (; signal === 'SIGABRT' && deaths < 20; deaths++) ({ signal, stdout } = life())
    expect([signal, deaths]).toEqual([null, expect.any(Number)])
    const [neighbour, inBody, inCode] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(neighbour).toEqual(['neighbour', 'completed', 'well'])
    expect(inBody).toMatchObject(['in-body', 'parked', { code: 'POISON' }])
    expect(inBody[2].report).toEqual({ deaths: expect.any(Number), step: 'deadly' })
    expect(inCode).toMatchObject(['in-code', 'parked', { code: 'POISON' }])
    expect(deaths).toBeLessThan(12)
    const findings: unknown[] = []
    for await (const finding of verifyDirectory(path)) findings.push(finding)
    expect(findings).toEqual([])
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}, 120_000)
