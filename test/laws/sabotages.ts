import { admissionSabotages } from './admission-sabotages.ts'
import type { Patch } from './bundle.ts'
import { eventSabotages } from './event-sabotages.ts'
import type { Focus } from './focus.ts'
import { journalSabotages } from './journal-sabotages.ts'
import { runSabotages } from './run-sabotages.ts'
import { storySabotages } from './story-sabotages.ts'

/** A line broken on purpose, and the laws of which one must notice it. */
export interface Sabotage extends Patch {
  readonly name: string
  /** What the plans are about that it shows in. Default: runs and their steps. */
  readonly focus?: Focus
  /** What goes through plans, as a path from here. Default: the laws. */
  readonly program?: '../flow-stories/child.ts'
  readonly laws: readonly string[]
}

const engineSabotages: readonly Sabotage[] = [
  {
    name: 'what is asked for is acknowledged before it is durable',
    file: 'src/engine/loop.ts',
    find: '    durable.then(\n',
    replace: '    durable.catch(() => {})\n    Promise.resolve().then(\n',
    laws: ['no body is called before its attempt is on disk', 'what is acknowledged is on disk'],
  },
  {
    name: 'steps start before they are durable',
    file: 'src/engine/parts.ts',
    find: '        answer(turn, rules)\n',
    replace: `        answer(turn, rules)
        for (const { op, what } of turn.changes)
          if (op === 'opened' && what.kind === 'step') this.attempts.start(turn.run, what)
`,
    laws: ['no body is called before its attempt is on disk'],
  },
  {
    name: 'timers that came due while nobody watched are not read',
    file: 'src/timers/alarm.ts',
    find: 'for (const key of keys) this.arm(key)',
    replace: 'for (const key of keys) if (key.due > this.#host.now()[key.clock]) this.arm(key)',
    laws: ['what is due first fires first', 'every run ends once the faults stop'],
  },
  {
    name: 'timers fire a millisecond early',
    file: 'src/timers/alarm.ts',
    find: 'near.wheel.insert(key.due, key)',
    replace: 'near.wheel.insert(key.due - 1, key)',
    laws: ['a timer fires only when its clock has reached its due time'],
  },
  {
    name: 'what is due last fires first',
    file: 'src/timers/alarm.ts',
    find: 'b.late - a.late',
    replace: 'a.late - b.late',
    laws: ['what is due first fires first'],
  },
  {
    name: 'a replay does not wait for the code to rest',
    file: 'src/run/replay.ts',
    find: 'logger)) await host.rest()',
    replace: 'logger)) await Promise.resolve()',
    laws: ['a run whose code is deterministic is never parked'],
  },
  {
    name: 'a replay delivers answers in the order of their calls',
    file: 'src/run/replay.ts',
    find: '  const script = new Script(',
    replace: `  const call = ({ seq, entries: [input] }: Record) => (input && 'of' in input ? input.of : seq)
  records = [...records].sort((a, b) => call(a) - call(b))
  const script = new Script(`,
    laws: [
      'a run whose code is deterministic is never parked',
      'an idempotency key belongs to one call, and sees one input',
    ],
  },
  {
    name: 'a replay does not compare',
    file: 'src/run/script.ts',
    find: 'agrees(line.command, asked)',
    replace: 'true',
    laws: ['a run that does not fit its journal is parked'],
  },
  {
    name: 'a divergence is overlooked',
    file: 'src/engine/residents.ts',
    find: 'if (code.divergence === undefined) run.code = code',
    replace: 'if (code !== undefined) run.code = code',
    laws: ['every run ends once the faults stop', 'a run that does not fit its journal is parked'],
  },
  {
    name: 'the idempotency key has the attempt in it',
    file: 'src/engine/attempt.ts',
    find: 'idempotencyKey(this.#seed, this.#stepId)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    replace: 'idempotencyKey(this.#seed, `${this.#stepId}/${this.attempt}`)',
    laws: ['an idempotency key belongs to one call, and sees one input'],
  },
  {
    name: 'chance does not come from the seed',
    file: 'src/run/chance.ts',
    find: 'return this.#draw().readUIntBE(0, 6) / 2 ** 48',
    replace: 'return Math.random()',
    laws: [
      'an idempotency key belongs to one call, and sees one input',
      'the same plan writes the same bytes',
    ],
  },
  {
    name: 'retries are not counted',
    file: 'src/run/retry.ts',
    find: 'attempt >= policy.retries || ',
    replace: '',
    laws: ['a failed attempt is followed by the next as its policy says'],
  },
  {
    name: 'the engine goes on after a failed write',
    file: 'src/engine/lifetime.ts',
    find: '    this.#stop(cause, refusal)\n',
    replace: '',
    laws: [
      'after a failed write nothing is begun',
      'an engine that has failed to write aborts what it runs',
      'after a failed write nothing is acknowledged that was not on disk before',
    ],
  },
  {
    name: 'a successor is not in the write of its forerunner',
    file: 'src/engine/dispatcher.ts',
    find: '    for (const each of turn.arrivals) this.#arrive(group, each, after, turn)\n',
    replace: '',
    laws: [
      'a run and its successor are written together',
      'a child is written with the call that starts it',
    ],
  },
  {
    name: 'an id is not looked up before it is used',
    file: 'src/engine/starter.ts',
    find: 'if (first === undefined) await',
    replace: 'if (id !== undefined) await',
    laws: ['the records of a run are dense and linked', 'every entry follows from those before it'],
  },
  {
    name: 'a cancellation reaches nothing that is awaited',
    file: 'src/run/code.ts',
    find: 'if (awaited.shielded) continue',
    replace: 'if (awaited.shielded !== undefined) continue',
    laws: ['every run ends once the faults stop'],
  },
  {
    name: 'a cancelled run schedules more steps',
    file: 'src/run/code.ts',
    find: 'if (refusal !== undefined && !shielded) return',
    replace: 'if (refusal !== undefined && shielded === undefined) return',
    laws: ['after a cancellation only shielded steps are scheduled'],
  },
  {
    name: 'a paused run starts what was waiting in line',
    file: 'src/engine/attempts.ts',
    find: " || job.run.ledger.status !== 'running'",
    replace: '',
    laws: ['a paused run starts no step'],
  },
  {
    name: 'more bodies run than are allowed',
    file: 'src/admission/step-queue.ts',
    find: 'this.#all = new SlotLimit(most)',
    replace: 'this.#all = new SlotLimit(most + 1)',
    laws: ['no more bodies run at once than are allowed'],
  },
  {
    name: 'a late answer is applied',
    file: 'src/run/admit.ts',
    find: 'isCurrent(ledger, input) ? input : late(input, true, input.value)',
    replace: 'input',
    laws: [
      'a result is what the journal says',
      'every run ends once the faults stop',
      'an answer belongs to the attempt that was made',
    ],
  },
  {
    name: 'a sleep follows the wall clock',
    file: 'src/engine/time.ts',
    find: 'return Math.floor(this.#base + this.#clock.elapsed() - this.#begun)',
    replace: 'return Math.floor(this.#clock.wall())',
    laws: ['recorded elapsed time is the time that passed', 'recorded time never goes back'],
  },
  {
    name: 'recorded time goes back with the wall clock',
    file: 'src/engine/time.ts',
    find: 'Math.max(this.#newest, Math.floor(this.#clock.wall()))',
    replace: 'Math.floor(this.#clock.wall())',
    laws: ['recorded time never goes back'],
  },
  {
    name: 'a busy run is not resumed when the engine opens',
    file: 'src/engine/open.ts',
    find: '!head.passive || ',
    replace: '',
    laws: ['at rest every step that may run is running', 'every run ends once the faults stop'],
  },
  {
    name: 'a run that is brought back has nothing put in flight',
    file: 'src/engine/performer.ts',
    find: "this.#change(run, { op: 'opened', what })",
    replace: 'void what',
    laws: ['at rest every step that may run is running', 'every run ends once the faults stop'],
  },
]

export const sabotages: readonly Sabotage[] = [
  ...engineSabotages,
  ...journalSabotages,
  ...eventSabotages,
  ...runSabotages,
  ...admissionSabotages,
  ...storySabotages,
]

/** As few of them, in their order, as name every law that any of them names. */
export function oneForEachLaw(): readonly Sabotage[] {
  const named = new Set<string>()
  return sabotages.filter(({ laws }) => {
    const isNew = laws.some(law => !named.has(law))
    for (const law of laws) named.add(law)
    return isNew
  })
}
