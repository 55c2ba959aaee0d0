import { spawnSync } from 'node:child_process'

/**
 * The suites that are worth more time than an ordinary test run has: each with what makes it long,
 * unless the environment says otherwise. Ends with the first one that fails.
 */
const suites = [
  { path: 'test/laws/laws.test.ts', env: { PERDURE_RUNS: '20' } },
  { path: 'test/testing', env: { PERDURE_RUNS: '50' } },
  // A million expressions that a grammar made.
  { path: 'test/define/expression/laws.test.ts', env: { PERDURE_RUNS: '250' } },
  // 40,000 command lines and damaged dumps.
  { path: 'test/fuzz', env: { PERDURE_RUNS: '100' } },
  { path: 'test/events/model.test.ts', env: { PERDURE_RUNS: '20' } },
  { path: 'test/damage', env: { PERDURE_ROUNDS: '10000' } },
  { path: 'test/journal/leveldb', env: { PERDURE_ROUNDS: '5000' } },
  { path: 'test/crash', env: { PERDURE_ROUNDS: '2000' } },
]

for (const { path, env } of suites) {
  console.log(`${path} ${JSON.stringify(env)}`)
  const { status } = spawnSync('npx', ['vitest', 'run', path], {
    stdio: 'inherit',
    env: { ...env, ...process.env },
  })
  if (status !== 0) process.exit(status ?? 1)
}
