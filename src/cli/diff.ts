import type { Record } from '../../journal/entry.ts'
import { noSuchRun } from '../../journal/error.ts'
import type { Source } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { diffText } from './diff/diff-text.ts'
import { accountOf, type RunAccount } from './diff/run-account.ts'
import { runDiff } from './diff/run-diff.ts'
import { type Exit, exit } from './exit.ts'
import { runNamed } from './run-ref.ts'

/** `perdure diff` */
export function diff(context: Context, refs: readonly [string, string]): Promise<Exit> {
  return context.journal(async ({ source }) => {
    const [a, b] = [await account(refs[0], source), await account(refs[1], source)]
    const record = runDiff(a, b, context.secrets)
    await context.output.one(record, () => diffText(record, context.output.looks))
    return record.same ? exit.ok : exit.differs
  })
}

async function account(ref: string, source: Source): Promise<RunAccount> {
  const { run } = await runNamed(ref, source)
  const records: Record[] = []
  for await (const page of source.records(run)) records.push(...page)
  // It may have gone on since it was looked for.
  const head = await source.run(run)
  if (head === undefined) throw noSuchRun(run)
  return accountOf(head, records)
}
