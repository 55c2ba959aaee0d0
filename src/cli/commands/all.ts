import type { CommandSpec } from '../command-spec.ts'
import { cancel, pause, rerun, resume, retry } from './change.ts'
import { completion } from './completion.ts'
import { diff } from './diff.ts'
import { doctor } from './doctor.ts'
import { dump } from './dump.ts'
import { explain } from './explain.ts'
import { gc } from './gc.ts'
import { graph } from './graph.ts'
import { list } from './list.ts'
import { load } from './load.ts'
import { replay } from './replay.ts'
import { salvage } from './salvage.ts'
import { schedules } from './schedules.ts'
import { schema } from './schema.ts'
import { send } from './send.ts'
import { show } from './show.ts'
import { signal, start } from './start.ts'
import { stats } from './stats.ts'
import { timers } from './timers.ts'
import { verify } from './verify.ts'
import { wait } from './wait.ts'
import { waits } from './waits.ts'
import { why } from './why.ts'

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandSpec[] = [
  ...[list, show, diff, graph, why, timers, waits, schedules, stats],
  ...[send, start, signal, cancel, pause, resume, retry, rerun, wait],
  ...[dump, load, verify, salvage, replay, gc],
  ...[doctor, explain, completion, schema],
]
