import type { Command } from 'commander'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { zshScript } from './completion/zsh.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'

/** `perdure completion <shell>` */
export async function completion({ output, commandLine }: Context, shell: string): Promise<Exit> {
  await output.text(scriptFor(shell, commandLine()))
  return exit.ok
}

function scriptFor(shell: string, program: Command): string {
  if (shell === 'bash') return bashScript(program)
  return shell === 'zsh' ? zshScript(program) : fishScript(program)
}
