import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npm i perdure` adds, against what it may. Packages for other platforms do not count. */
const MOST_PACKAGES = 28
const MOST_BYTES = 25e6

const root = fileURLToPath(new URL('..', import.meta.url))

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const dependencies = Object.entries(lock.packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  .map(([path]) => join(root, path))
  .filter(path => lstatSync(path, { throwIfNoEntry: false }) !== undefined)

const [pack] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }),
)
const bytes = dependencies.reduce((sum, path) => sum + sizeOf(path), pack.unpackedSize)
const packages = dependencies.length + 1

console.log(`npm i perdure: ${packages} packages (at most ${MOST_PACKAGES})`)
console.log(`${megabytes(bytes)}, ours ${megabytes(pack.unpackedSize)} (at most 25 MB)`)
if (packages > MOST_PACKAGES || bytes > MOST_BYTES) process.exit(1)

/** Without the packages inside: the lock file names those by themselves. */
function sizeOf(path) {
  if (basename(path) === 'node_modules') return 0
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
