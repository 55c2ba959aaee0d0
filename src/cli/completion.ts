import type { Command } from 'commander'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { zshScript } from './completion/zsh.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { commandLine } from './program.ts'

/** `perdure completion <shell>` */
export async function completion({ io, output }: Context, shell: string): Promise<Exit> {
  await output.text(scriptFor(shell, commandLine(io)))
  return exit.ok
}

function scriptFor(shell: string, program: Command): string {
  if (shell === 'bash') return bashScript(program)
  return shell === 'zsh' ? zshScript(program) : fishScript(program)
}
