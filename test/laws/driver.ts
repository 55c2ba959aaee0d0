import type { Ledger } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { letCome, rest } from './event-driver.ts'
import { isEventMove } from './event-moves.ts'
import { judge, LawBroken } from './law.ts'
import type { Move, Plan } from './plan.ts'
import { admissionRestLaws, failedLaws, planEndLaws, restLaws } from './rest-laws.ts'
import { story } from './story.ts'
import { Trial } from './trial.ts'

/** Milliseconds without a commit after which nothing is to be expected: no wait is as long. */
const IDLE_MS = 1_200_000
/** Alarms after which a plan has had its time. */
const MOST_ALARMS = 5_000
/** How often bodies that never end may block others that never end. */
const CALM_ROUNDS = 20

export interface CarryOptions {
  /** Every run is replayed after every turn, and what it rests at compared. */
  readonly alwaysReplay?: boolean
  /** Gets the trial before anything happens. */
  readonly begun?: (trial: Trial) => void
}

/** Carries a plan out, then lets everything come to its end. Throws the first breach of a law. */
export async function carryOut(plan: Plan, options: CarryOptions = {}): Promise<Trial> {
  const trial = new Trial(plan, options)
  options.begun?.(trial)
  for (const move of plan.moves) {
    await make(move, trial)
    if (trial.breach !== undefined) break
  }
  if (trial.breach === undefined) await calm(trial)
  if (trial.breach === undefined) for (const law of planEndLaws) await check(law, trial)
  if (trial.breach === undefined) return trial
  const { law, message } = trial.breach
  throw new LawBroken(law, `${message.slice(law.length + 2)}\n${story(trial)}`)
}

async function check(
  law: { name: string; fault: (trial: Trial) => Promise<string | undefined> },
  trial: Trial,
): Promise<void> {
  const fault = await law.fault(trial)
  if (fault !== undefined) trial.break(law.name, fault)
}

async function make(move: Move, trial: Trial): Promise<void> {
  if (trial.engine === undefined) await trial.open()
  const { witness } = trial
  if (isEventMove(move)) return letCome(move, trial)
  switch (move.kind) {
    case 'start':
      return start(trial, move.program, move.run)
    case 'cancel':
    case 'pause':
    case 'resume': {
      const run = runName(move.run)
      const { kind } = move
      return trial.ask(kind, run, engine => engine[kind](run))
    }
    case 'settle':
      await trial.settle()
      return atRest(trial)
    case 'glimpse':
      for (let i = 0; i < move.immediates; i++) await new Promise(resolve => setImmediate(resolve))
      return
    case 'pass':
      await trial.pass(move.ms)
      return atRest(trial)
    case 'jump':
      return trial.jump(move.ms)
    case 'crash':
      trial.crash()
      trial.clock.pass(move.away)
      return
    case 'reopen':
      witness.activity++
      return trial.close()
    default:
      return move satisfies never
  }
}

function start(trial: Trial, program: number, at: number): void {
  const run = runName(at)
  const workflow = trial.workflowOf(program)
  const left = trial.plan.programs[program % trial.plan.programs.length]?.continues ?? 0
  trial.witness.asks(run)
  trial.ask('start', run, async engine => {
    const data = { left, k: at % 2, n: 1, hops: 0 }
    const handle = await engine.start(workflow, data, { id: run })
    trial.watch(handle.id)
  })
}

/** No more faults: everything must come to its end. */
async function calm(trial: Trial): Promise<void> {
  trial.endFaults()
  await trial.settle()
  if (trial.witness.failedAfter !== undefined) await trial.close()
  await trial.open()
  const { clock, history } = trial
  const recorded = history.commits.at(-1)?.commit.at ?? 0
  if (recorded > clock.wall()) trial.jump(recorded - clock.wall())
  await trial.settle()
  for (const { run } of unended(trial, 'paused')) trial.ask('resume', run, e => e.resume(run))
  await rest(trial)
  for (let round = 0; round < CALM_ROUNDS; round++) {
    await comeToEnd(trial)
    // What waits for a body that never ends has to be asked.
    const endless = trial.witness.bodies.filter(({ endless, signal }) => endless && !signal.aborted)
    const waiting = [...endless, ...unended(trial).filter(waitsForGood)]
    if (waiting.length === 0 || trial.breach !== undefined) break
    for (const { run } of waiting) trial.ask('cancel', run, e => e.cancel(run, 'it never ends'))
  }
  const [left] = unended(trial)
  if (left === undefined) return
  trial.break('every run ends once the faults stop', `${left.run} is ${left.status}`)
}

/** Lets time pass until all runs have ended, or nothing has happened for long. */
async function comeToEnd(trial: Trial): Promise<void> {
  await trial.settle()
  const { clock, history } = trial
  let commits = 0
  let since = clock.elapsed()
  for (let alarms = 0; alarms <= MOST_ALARMS && trial.breach === undefined; alarms++) {
    if (unended(trial).length === 0 || clock.elapsed() - since > IDLE_MS) return
    clock.pass(60_000)
    history.walls.push(clock.wall())
    await trial.settle()
    atRest(trial)
    if (history.commits.length > commits) since = clock.elapsed()
    commits = history.commits.length
  }
}

const unended = ({ history }: Trial, status?: string) =>
  [...history.runs.values()]
    .map(({ ledger }) => ledger)
    .filter(ledger => !isFinal(ledger.status) && ledger.status !== 'parked')
    .filter(ledger => status === undefined || ledger.status === status)

function atRest(trial: Trial): void {
  if (trial.engine === undefined) return
  const laws =
    trial.witness.failedAfter === undefined ? [...restLaws, ...admissionRestLaws] : failedLaws
  trial.guard(() => judge(laws, trial))
}

// Whom nobody lets in waits for one that waits for good, or for itself.
const waitsForGood = ({ open }: Ledger): boolean =>
  [...open.values()].some(
    what => what.kind === 'queue' || (what.kind === 'wait' && what.due === undefined),
  )

const runName = (at: number): string => `run${at}`
