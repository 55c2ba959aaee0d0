import type { CommandSpec } from '../command-spec.ts'
import { dump } from './dump.ts'
import { events } from './events.ts'
import { exportRun } from './export.ts'
import { list } from './list.ts'
import { show } from './show.ts'
import { step } from './step.ts'
import { verify } from './verify.ts'
import { watch } from './watch.ts'

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandSpec[] = [
  list,
  show,
  events,
  step,
  watch,
  dump,
  exportRun,
  verify,
]
