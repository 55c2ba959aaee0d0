import { processIo } from '../../../src/cli/io.ts'
import { run } from '../../../src/cli/program.ts'

/** Runs commands one after the other as the command itself does, and says how each ended. */
const [given = '{}'] = process.argv.slice(2)
const { calls, cwd, now }: { calls: readonly string[][]; cwd: string; now: number } =
  JSON.parse(given)
const io = { ...processIo(), cwd, scratch: cwd, now: () => now }
for (const args of calls) {
  const status = await run(args, io)
  process.stdout.write(`\u001e${status}\u001e`)
}
process.exit()
