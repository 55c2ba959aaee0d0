import { createInterface } from 'node:readline/promises'
import type { Context } from './context.ts'
import { UsageError } from './usage.ts'

/**
 * Asks a person whether to go on. With `yes` nobody is asked; without a terminal nobody can be, and it
 * throws USAGE_INVALID.
 */
export async function confirmed(
  { io }: Context,
  { yes = false }: { readonly yes?: boolean },
  question: string,
): Promise<boolean> {
  if (yes) return true
  if (io.input.isTTY !== true || !io.err.isTerminal) {
    throw new UsageError('USAGE_INVALID', `${question} Nobody is there to ask.`, {
      hint: 'Add --yes to do it, or --dry-run to see what would be done.',
    })
  }
  await io.err.write(`${question} [y/N] `)
  const lines = createInterface({ input: io.input })
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim())
    return false
  } finally {
    lines.close()
  }
}
