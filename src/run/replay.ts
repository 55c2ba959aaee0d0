import type { Input, Record } from '../../journal/entry.ts'
import { type Logger, silentLogger } from '../define/logger.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Scopes } from './call.ts'
import { Chance } from './chance.ts'
import { LiveCode } from './code.ts'
import { Context } from './context.ts'
import { eventSeenBy, isHandler } from './ending-handler.ts'
import type { Listening } from './listening.ts'
import { type Begun, openingIn, openingOf } from './opening.ts'
import type { Moment } from './retry.ts'
import { Script } from './script.ts'
import { StepTools } from './tools.ts'

/** What the code of a run needs of the engine around it. */
export interface CodeHost {
  readonly scopes: Scopes
  readonly listening: Listening
  logger(run: string, workflow: string): Logger
  /** Resolves when all microtasks have drained. */
  rest(): Promise<void>
  /** Lets everything else in the process have its turn. */
  yieldToOthers(): Promise<void>
  /** `wait` resolves when `woke` is called, or after a while if it is not. */
  waker(): { woke(): void; wait(): Promise<void> }
  /** Code went on by itself, outside of any turn. */
  onWake(run: string, code: LiveCode): void
}

/** A long replay must not keep the other runs waiting. */
const RECORDS_AT_ONCE = 64

/** New code for a run, not begun. */
export function newCode(run: string, host: CodeHost): LiveCode {
  return new LiveCode(host.scopes, code => host.onWake(run, code))
}

/** Calls the workflow's function with what the run was started with. */
export function beginCode(
  code: LiveCode,
  workflow: AnyWorkflow,
  begun: Begun,
  moment: Moment,
  { listening }: CodeHost,
  logger: () => Logger,
): void {
  const { event, events, seed } = openingOf(begun)
  const step = new StepTools(code, new Chance(seed), {
    listening,
    event: eventSeenBy(workflow, event),
    seed,
    isHandler: isHandler(workflow),
  })
  const facts = { event, events, step, run: { id: begun.id, workflow: workflow.id } }
  const context = new Context(facts, code, logger)
  code.begin(() => workflow.code(context), moment)
}

/**
 * Brings the code of a run back: the same turns as when it ran, with the answers known. Each
 * recorded input is delivered, the code comes to rest, and what it asked for is compared with what
 * was recorded. Where they differ the code carries a `divergence`. `lifting` is the input that lifts
 * the hold the run is in, if it is in one.
 */
export async function replay(
  run: string,
  workflow: AnyWorkflow,
  records: readonly Record[],
  host: CodeHost,
  lifting?: Input,
): Promise<LiveCode> {
  const waker = host.waker()
  let live = false
  const code = new LiveCode(host.scopes, woken => (live ? host.onWake(run, woken) : waker.woke()))
  const logger = (): Logger => (live ? host.logger(run, workflow.id) : silentLogger)
  const script = new Script(records, lifting)
  code.follow(script)
  for (const [index, record] of records.entries()) {
    if (index % RECORDS_AT_ONCE === 0) await host.yieldToOthers()
    script.open(index)
    if (record.entries[0]?.type === 'code.woke' && !code.hasEarlyCalls) await waker.wait()
    if (script.cancelled !== undefined) code.cancellation.refuse(script.cancelled)
    if (redeliver(code, workflow, records, record, host, logger)) await host.rest()
    code.settle(script)
    if (code.divergence !== undefined) return code
  }
  script.open(records.length)
  live = true
  code.goLive()
  return code
}

function redeliver(
  code: LiveCode,
  workflow: AnyWorkflow,
  records: readonly Record[],
  { run, at, elapsed, entries }: Record,
  host: CodeHost,
  logger: () => Logger,
): boolean {
  const input = entries.find(({ type }) => type === 'run.started') ?? entries[0]
  if (input?.type !== 'run.started') {
    return input !== undefined && code.deliver(input, { at, elapsed })
  }
  beginCode(code, workflow, openingIn(run, records), { at, elapsed }, host, logger)
  return true
}
