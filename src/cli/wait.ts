import type { Context } from './context.ts'
import type { Exit } from './exit.ts'
import { spanOf } from './filters.ts'
import { unlessInterrupted } from './interrupt.ts'
import { runNamed } from './run-ref.ts'
import { endOf, printResult, resultOf } from './run-result.ts'

export interface WaitOptions {
  readonly timeout?: string
  readonly exitStatus?: true
}

/** `perdure wait` */
export function wait(context: Context, ref: string, options: WaitOptions): Promise<Exit> {
  const timeout = spanOf('--timeout', options.timeout)
  return context.journal(async ({ source, client }) => {
    const { run } = await runNamed(ref, source)
    return unlessInterrupted(context.io, client, async () => {
      const head = await endOf(run, source, client, timeout)
      return printResult(await resultOf(head, source, context), context, options)
    })
  })
}
