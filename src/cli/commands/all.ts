import type { CommandSpec } from '../command-spec.ts'
import { dump } from './dump.ts'
import { explain } from './explain.ts'
import { list } from './list.ts'
import { schedules } from './schedules.ts'
import { timers } from './timers.ts'
import { verify } from './verify.ts'
import { waits } from './waits.ts'

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandSpec[] = [list, timers, waits, schedules, dump, verify, explain]
