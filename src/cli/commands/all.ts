import type { CommandSpec } from '../command-spec.ts'
import { dump } from './dump.ts'
import { list } from './list.ts'
import { show } from './show.ts'
import { verify } from './verify.ts'

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandSpec[] = [list, show, dump, verify]
