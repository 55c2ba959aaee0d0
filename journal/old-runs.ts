import type { Head } from './head.ts'
import type { RunStatus } from './lifecycle.ts'
import type { EndedRun, JournalReader } from './reader.ts'

type Readable = Pick<JournalReader, 'head' | 'endedBefore'>

/**
 * Runs that ended before a time of the elapsed clock, oldest first, or those of them that ended so. Runs
 * that continue each other come once the last one ended before it: until then their ids lead to that one.
 */
export async function* oldRuns(
  journal: Readable,
  before: number,
  status?: readonly RunStatus[],
): AsyncGenerator<EndedRun> {
  const chains = new Chains(journal, before)
  for await (const each of journal.endedBefore(before)) {
    if (!(await chains.haveEnded(each.run))) continue
    if (status === undefined || status.includes((await chains.statusOf(each.run)) ?? 'running')) {
      yield each
    }
  }
}

/** Runs that continue each other. */
class Chains {
  readonly #journal: Readable
  readonly #before: number
  /** What is known of links: a long chain is not followed anew for each of them. */
  readonly #ended = new Map<string, boolean>()

  constructor(journal: Readable, before: number) {
    this.#journal = journal
    this.#before = before
  }

  /** Whether the last run that continues this one ended before the time. */
  async haveEnded(run: string): Promise<boolean> {
    const links: string[] = []
    let link = run
    let ended = this.#ended.get(link)
    while (ended === undefined) {
      links.push(link)
      const head = await this.#journal.head(link)
      // What comes after a link that is gone was not kept either.
      if (head === undefined) ended = true
      else if (head.continuedAs === undefined || !this.#isOld(head)) ended = this.#isOld(head)
      else {
        link = head.continuedAs
        ended = this.#ended.get(link)
      }
    }
    if (links.length > 1) for (const link of links) this.#ended.set(link, ended)
    return ended
  }

  async statusOf(run: string): Promise<RunStatus | undefined> {
    return (await this.#journal.head(run))?.status
  }

  #isOld({ outcome }: Head): boolean {
    return outcome !== undefined && outcome.elapsed < this.#before
  }
}
