import { Argument } from 'commander'
import type { CommandSpec } from '../command-spec.ts'

export const completion: CommandSpec = {
  name: 'completion',
  group: 'Setup',
  summary: 'a script that lets a shell complete commands, flags, values and ids of runs',
  examples: [
    ['source <(perdure completion bash)', 'in ~/.bashrc'],
    ['source <(perdure completion zsh)', 'in ~/.zshrc, after compinit'],
    ['perdure completion fish > ~/.config/fish/completions/perdure.fish', ''],
  ],
  takes: command =>
    command.addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish'])),
  run: async (context, [shell]) =>
    (await import('../completion.ts')).completion(context, String(shell)),
}
