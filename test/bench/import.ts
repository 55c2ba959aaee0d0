import { spawnSync } from 'node:child_process'
import { type Figure, median } from './figure.ts'
import { plainEnv } from './plain-env.ts'

const ROUNDS = 21
const WARM_UP = 2

/** Processes that import the built package, by turns with processes that do nothing. */
export async function importBench(): Promise<Figure[]> {
  const floors: number[] = []
  const ours: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const floor = timeOf('')
    const own = timeOf("import 'perdure'")
    if (round < 0) continue
    floors.push(floor)
    ours.push(own)
  }
  const floor = median(floors)
  return [
    { name: 'floor: a process that does nothing', value: floor, unit: 'ms' },
    {
      name: "import 'perdure', on top of that",
      value: median(ours) - floor,
      unit: 'ms',
      goal: '<= 80',
    },
  ]
}

function timeOf(program: string): number {
  const args = ['--input-type=module', '--eval', program]
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: plainEnv() })
  const took = performance.now() - started
  if (status !== 0) throw new Error(`a process ended with ${status}`)
  return took
}
