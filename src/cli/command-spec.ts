import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { Exit } from './exit.ts'

export type Group = 'Inspect' | 'Operate' | 'Journal' | 'Setup'

/**
 * A command: what it is called and takes, and what it does. The files of specs import nothing that
 * takes time to load; what does the work is imported by `run`.
 */
export interface CommandSpec {
  readonly name: string
  readonly alias?: string
  readonly group: Group
  /** One line, without a full stop. */
  readonly summary: string
  /** Arguments and what they are, and what the command does, by example. */
  readonly examples: readonly Example[]
  /** Below the options: what else a user must know. */
  readonly notes?: string
  /** Arguments and options. */
  readonly takes?: (command: Command) => Command
  /** `args` as commander gives them: a variadic one is an array. */
  readonly run: (context: Context, args: readonly unknown[], options: object) => Promise<Exit>
}

export type Example = readonly [command: string, does: string]
