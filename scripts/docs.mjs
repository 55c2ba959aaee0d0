import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Builds the documentation site into docs/.vitepress/dist. What that needs is installed into docs, as
 * its own lock file says, and only if it is not there: the package itself has nothing to do with it.
 */
const docs = fileURLToPath(new URL('../docs', import.meta.url))
const installed = join(docs, 'node_modules/.perdure-lock')

rmSync(join(docs, 'reference/api'), { recursive: true, force: true })
if (!isInstalled()) {
  run('npm', ['ci', '--no-audit', '--no-fund'])
  copyFileSync(join(docs, 'package-lock.json'), installed)
}
run('npx', ['--no', 'typedoc'])
run('npx', ['--no', 'vitepress', 'build', '.'])

/** The lock file that it was installed by is kept with it. */
function isInstalled() {
  const lock = readFileSync(join(docs, 'package-lock.json'), 'utf8')
  return existsSync(installed) && readFileSync(installed, 'utf8') === lock
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: docs, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
