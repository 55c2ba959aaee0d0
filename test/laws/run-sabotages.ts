import type { Sabotage } from './sabotages.ts'

const ENDS = 'every run ends once the faults stop'
const CHILDREN = 'a cancelled run cancels its children, but for those it abandons'
const PARENT = 'a parent is told how its child ended, in the write of that end'
const TICK = 'a tick starts one run, and not before it is due'
const KEEPS_UP = 'a schedule keeps up'
const REMOVED = 'only what ended longer ago than the retention is removed'

/** Those that break what runs are to each other, schedules and the removal of what is old. */
export const runSabotages: readonly Sabotage[] = [
  {
    name: 'runs that only wait stay in memory',
    file: 'src/engine/residents.ts',
    find: 'isFinal(run.ledger.status) || !this.#wakesSoon(run)',
    replace: 'isFinal(run.ledger.status)',
    laws: ['runs that only wait leave memory'],
  },
  {
    name: 'abandoned children are cancelled',
    focus: 'children',
    file: 'src/engine/kinship.ts',
    find: " || what.kind !== 'child' || what.abandon)",
    replace: " || what.kind !== 'child')",
    laws: [CHILDREN, 'an event cancels whom it is to cancel, and nobody else'],
  },
  {
    name: 'children outlive a cancellation',
    focus: 'children',
    file: 'src/engine/kinship.ts',
    find: "if (input.type === 'run.cancel_requested') {",
    replace: "if (input.type === 'run.paused') {",
    laws: [CHILDREN],
  },
  {
    name: 'a parent hears good news only',
    focus: 'children',
    file: 'src/engine/kinship.ts',
    find: 'if (outcome === undefined) return posts',
    replace: 'if (!outcome?.ok) return posts',
    laws: [PARENT],
  },
  {
    name: 'a failure of a child is taken for a result',
    focus: 'children',
    file: 'src/run/settle.ts',
    find: 'if (input.ok) awaited',
    replace: 'if (input.of >= 0) awaited',
    laws: [
      'the code of a run gets what its journal says',
      'crashes do not change what a program comes to',
    ],
  },
  {
    name: 'a successor has no parent',
    focus: 'children',
    file: 'src/engine/answer.ts',
    find: '    ...(parents.length > 1 ? { parents } : parent !== undefined && { parent }),\n',
    replace: '',
    laws: [ENDS],
  },
  {
    name: 'children are not in the write of their call',
    focus: 'children',
    file: 'src/engine/answer.ts',
    find: 'turn.arrivals.push(arrival)',
    replace: 'if (origin.parent === undefined || origin.continues) turn.arrivals.push(arrival)',
    laws: ['a child is written with the call that starts it'],
  },
  {
    name: 'nobody is told how runs end',
    focus: 'children',
    file: 'src/engine/event-parts.ts',
    find: 'if (this.triggers.named(name).length === 0 && ',
    replace: 'if (',
    laws: ['the end of a run is told once, in the write of its end'],
  },
  {
    name: 'an end that nobody handles',
    focus: 'children',
    file: 'src/engine/answer.ts',
    find: 'if (follower !== undefined) {',
    replace: 'if (follower === null) {',
    laws: ['a run that ends badly is handled once'],
  },
  {
    name: 'runs are removed as soon as they have ended',
    focus: 'upkeep',
    file: 'src/engine/gc.ts',
    find: 'const before = now.elapsed - (olderThan ?? retention)',
    replace: 'const before = now.elapsed - Math.min(olderThan ?? retention, 0)',
    laws: [REMOVED],
  },
  {
    name: 'a chain of runs is removed from its beginning',
    focus: 'upkeep',
    file: 'journal/old-runs.ts',
    find: 'if (!(await chains.haveEnded(each.run))) continue',
    replace: 'void chains',
    laws: [REMOVED],
  },
  {
    name: 'records of removed runs stay',
    focus: 'upkeep',
    file: 'journal/group.ts',
    find: 'for (const key of recordKeys) this.#batch.del(key)',
    replace: 'void recordKeys',
    laws: ['nothing is left of a run that is removed'],
  },
  {
    name: 'ids of events are forgotten at once',
    focus: 'upkeep',
    file: 'src/engine/gc.ts',
    find: 'now.at - IDS_KEPT_MS, ROWS_A_COMMIT',
    replace: 'now.at, ROWS_A_COMMIT',
    laws: ['an event is stored once'],
  },
  {
    name: 'ticks fire a minute early',
    focus: 'schedules',
    file: 'src/router/schedule-due.ts',
    find: 'if (firstFiresAt > now) return',
    replace: 'if (firstFiresAt > now + 60_000) return',
    laws: [TICK],
  },
  {
    name: 'a schedule does not say how far it has got',
    focus: 'schedules',
    file: 'src/router/schedule-advance.ts',
    find: 'state: { ...state, handled: ticks.handled, buffered: buffer }',
    replace: 'state: { ...state, buffered: buffer }',
    laws: [TICK, KEEPS_UP],
  },
  {
    name: 'ticks that were missed while nobody watched are forgotten',
    focus: 'schedules',
    file: 'src/engine/schedule-parts.ts',
    find: '    const next = adopted(schedule, now)\n    scheduler',
    replace: `    const next = { ...schedule, state: { ...adopted(schedule, now).state, handled: now } }
    scheduler`,
    laws: [KEEPS_UP, 'another engine on a copy shows the same, and writes nothing but its epoch'],
  },
  {
    name: 'runs of a schedule meet',
    focus: 'schedules',
    file: 'src/router/schedule-overlap.ts',
    find: 'const free = active.length === 0',
    replace: 'const free = active.length >= 0',
    laws: ['runs of a schedule do not meet unless it lets them'],
  },
  {
    name: 'the end of a run wakes no schedule',
    focus: 'schedules',
    file: 'src/engine/scheduler.ts',
    find: 'if (watched !== undefined && watched.current.state.buffered.length > 0) this.wake(schedule)',
    replace: '',
    laws: [KEEPS_UP],
  },
  {
    name: 'a schedule forgets its runs when the engine opens',
    focus: 'schedules',
    file: 'src/engine/schedule-parts.ts',
    find: 'if (schedule !== undefined) scheduler.began(schedule, run)',
    replace: 'void run',
    laws: ['runs of a schedule do not meet unless it lets them'],
  },
]
