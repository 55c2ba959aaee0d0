import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen, sampleEngine } from '../journal/sample.ts'
import { perdure, type Said } from './perdure.ts'

/** One journal in the situations in which commands find it. */
export interface Situations {
  readonly root: string
  readonly scratch: string
  /** The directory of an engine that runs. */
  readonly running: string
  /** As a process leaves it that is killed: files, but nobody who holds them. */
  readonly killed: string
  readonly dump: string
  run(...args: readonly string[]): Promise<Said>
  end(): Promise<void>
}

export async function situations(): Promise<Situations> {
  const root = await mkdtemp(join(tmpdir(), 'perdure-cli-test-'))
  const scratch = join(root, 'scratch')
  const running = join(root, 'running')
  const killed = join(root, 'killed')
  const dump = join(root, 'dump.ndjson')
  await mkdir(scratch)
  const sample = await sampleEngine({ path: running })
  await listen(sample)
  await cp(running, killed, { recursive: true, filter: path => !path.endsWith('.sock') })
  const run = (...args: readonly string[]) => perdure(args, { scratch })
  await writeFile(dump, (await run('dump', killed, '--json')).out)
  return {
    ...{ root, scratch, running, killed, dump, run },
    async end() {
      await sample.engine.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

export const placesOf = ({ running, killed, dump }: Situations) =>
  [
    ['beside an engine', running],
    ['after a kill', killed],
    ['in a dump', dump],
  ] as const
