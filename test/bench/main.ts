import { print } from './figure.ts'

/** All benchmarks, or those whose names are given. */
const benches = {
  import: async () => (await import('./import.ts')).importBench(),
  throughput: async () => (await import('./throughput.ts')).throughputBench(),
  schedule: async () => (await import('./schedule.ts')).scheduleBench(),
  check: async () => (await import('./check.ts')).checkBench(),
  latency: async () => (await import('./throughput.ts')).latencyBench(),
  'long-run': async () => (await import('./long-run.ts')).longRunBench(),
  asleep: async () => (await import('./asleep.ts')).asleepBench(),
  wheel: async () => (await import('./wheel.ts')).wheelBench(),
  turnstile: async () => (await import('./turnstile.ts')).turnstileBench(),
  keyed: async () => (await import('./keyed.ts')).keyedBench(),
  crowd: async () => (await import('./crowd.ts')).crowdBench(),
  fairness: async () => (await import('./fairness.ts')).fairnessBench(),
  resume: async () => (await import('./events.ts')).resumeBench(),
  held: async () => (await import('./events.ts')).heldBench(),
  events: async () => (await import('./events.ts')).eventsBench(),
  cli: async () => (await import('./cli.ts')).cliBench(),
  dump: async () => (await import('./dump.ts')).dumpBench(),
  watched: async () => (await import('./watched.ts')).watchedBench(),
  waits: async () => (await import('./waits.ts')).waitsBench(),
}

const wanted = process.argv.slice(2)
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const figure of await bench()) print(figure)
}
