import { CommandTrials } from './command-trials.ts'
import { DumpTrials } from './dump-trials.ts'
import { MessageTrials } from './message-trials.ts'
import type { Trials } from './trials.ts'
import { Watch } from './watch.ts'
import { World } from './world.ts'

/*
 * Tries inputs that nobody would write, of one kind, from a seed on:
 *
 *   main.ts (commands | dumps | messages) <inputs> [<seed>]
 *
 * Each may take 100 ms of the processor, and the process that takes them all 256 MB.
 */
const [kind = '', inputs = '1000', seed] = process.argv.slice(2)
const MEMORY_BYTES = 256e6
const TOLD_EVERY_MS = 10_000
const FAILURES_MOST = 20

const world = new World()
const trials: { readonly [kind: string]: () => Promise<Trials> } = {
  commands: async () => new CommandTrials(world),
  dumps: async () => new DumpTrials(await world.dumps()),
  messages: async () => new MessageTrials(),
}

// Those that were never tried before, unless it is said which.
const first = seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seed)
const chosen = await trials[kind]?.()
if (chosen === undefined) throw new Error(`there are ${Object.keys(trials).join(', ')}`)

const watch = new Watch()
const began = performance.now()
let told = began
let done = 0
let failed = 0
let at = first
try {
  for (; done < Number(inputs); at++) {
    watch.begins(at)
    done += await chosen.try(at).catch(tellFailed)
    mustBeSmall()
    if (performance.now() - told > TOLD_EVERY_MS) tell()
  }
} finally {
  tell()
  await watch.end()
  await chosen.end()
  await world.end()
}

function tell(): void {
  told = performance.now()
  const seconds = Math.round((told - began) / 1_000)
  const { counts } = chosen as Trials
  const MB = Math.round(process.resourceUsage().maxRSS / 1e3)
  console.log(`${kind}: ${done} from seed ${first} in ${seconds} s, ${MB} MB`, counts)
}

function tellFailed(error: unknown): number {
  console.error(`seed ${at} of ${kind}:`, error)
  process.exitCode = 1
  failed++
  if (failed < FAILURES_MOST) return 1
  throw new Error(`${failed} inputs failed`)
}

function mustBeSmall(): void {
  // In kB.
  const { maxRSS } = process.resourceUsage()
  if (maxRSS * 1024 > MEMORY_BYTES) throw new Error(`took ${maxRSS} kB of memory`)
}
