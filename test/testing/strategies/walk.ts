import { type Decision, Recorder, type Source } from '../../../src/testing/choices.ts'

/** Some threads of as many steps each, under a schedule. Returns who moved, in order. */
export function interleave(source: Source, threads: number, steps: number): string[] {
  const recorder = new Recorder(source)
  const left = new Map(Array.from({ length: threads }, (_, at) => [`t${at}`, steps]))
  const moved: string[] = []
  while (left.size > 0) {
    const enabled = [...left.keys()]
    const mover = enabled[recorder.choose('schedule', enabled.length, enabled)]!
    moved.push(mover)
    const more = left.get(mover)! - 1
    if (more === 0) left.delete(mover)
    else left.set(mover, more)
  }
  return moved
}

/** What a trial of a small workflow asks: three steps of three attempts, and faults around. */
export function ordinary(source: Source, times = 6): Decision[] {
  const recorder = new Recorder(source)
  for (let at = 0; at < times; at++) {
    recorder.choose('schedule', 3, ['run-1', 'run-2', 'run-3'])
    recorder.choose(`outcome/run-1/step-${at % 3}/${Math.floor(at / 3)}`, 4)
    recorder.choose(`delay/run-1/step-${at % 3}/${Math.floor(at / 3)}`, 10)
    recorder.choose('write', 5)
    recorder.choose('crash', 2)
    recorder.choose('cancel', 2)
    recorder.choose('clock', 4)
    recorder.choose('upgrade', 2)
    recorder.choose('event', 3)
    recorder.choose('data', 2 ** 32)
  }
  return recorder.decisions
}
