import type { CommandSpec } from '../command-spec.ts'
import { completion } from './completion.ts'
import { doctor } from './doctor.ts'
import { dump } from './dump.ts'
import { explain } from './explain.ts'
import { list } from './list.ts'
import { schema } from './schema.ts'
import { verify } from './verify.ts'

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandSpec[] = [
  list,
  dump,
  verify,
  doctor,
  explain,
  completion,
  schema,
]
