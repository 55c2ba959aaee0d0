import { spawnSync } from 'node:child_process'

/**
 * The suites that are worth more time than an ordinary test run has: each with what makes it long,
 * unless the environment says otherwise; then the programs. Ends with the first one that fails.
 */
const suites = [
  { path: 'test/laws/laws.test.ts', env: { PERDURE_RUNS: '33' } },
  { path: 'test/testing', env: { PERDURE_RUNS: '50' } },
  // A million expressions that a grammar made.
  { path: 'test/define/expression/laws.test.ts', env: { PERDURE_RUNS: '250' } },
  { path: 'test/flow-model', env: { PERDURE_RUNS: '20' } },
  { path: 'test/events/model.test.ts', env: { PERDURE_RUNS: '20' } },
  // 2,800 stories of three workflows that share limits.
  { path: 'test/flow-stories', env: { PERDURE_RUNS: '35' } },
  { path: 'test/damage', env: { PERDURE_ROUNDS: '10000' } },
  { path: 'test/journal/leveldb', env: { PERDURE_ROUNDS: '5000' } },
  { path: 'test/crash', env: { PERDURE_ROUNDS: '2000' } },
]

/** A million inputs that nobody would write, by kind: each kind in one process, which stays small. */
const inputs = { messages: 500_000, dumps: 350_000, commands: 150_000 }

for (const { path, env } of suites) {
  begin(`${path} ${JSON.stringify(env)}`, 'npx', ['vitest', 'run', path], env)
}
for (const [kind, count] of Object.entries(inputs)) {
  const small = ['--max-old-space-size=96', '--max-semi-space-size=4']
  const program = ['--import', 'tsx', 'test/fuzz/main.ts', kind, String(count)]
  begin(`${count} ${kind}`, process.execPath, [...small, ...program])
}

function begin(title, command, args, env = {}) {
  console.log(title)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...env, ...process.env } })
  if (status !== 0) process.exit(status ?? 1)
}
