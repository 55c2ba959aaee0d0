import { JournalError } from './error.ts'
import { type Anchor, writeAnchor } from './leveldb/anchor.ts'
import type { Durability } from './meta.ts'
import type { Tip } from './tip.ts'

const ANCHOR_EVERY_MS = 1_000

/** Writes down how far the journal got: at most once a second, and when it is closed. */
export class AnchorKeeper {
  readonly #path: string
  #isFirst: boolean
  #newest = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `isFirst`: there is no anchor yet. */
  constructor(path: string, isFirst: boolean) {
    this.#path = path
    this.#isFirst = isFirst
  }

  // Commits do not wait for the anchor: it is a lower bound of what must be there. One that could
  // not be written fails the next commit. Only the very first is waited for, so that a journal of
  // more than one commit has an anchor.
  keep(tip: Tip): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure.error
    if (tip.elapsed - this.#newest < ANCHOR_EVERY_MS) return undefined
    this.#newest = tip.elapsed
    const written = this.#write(tip, false).catch(error => {
      this.#failure = { error }
    })
    if (!this.#isFirst) return undefined
    this.#isFirst = false
    return written
  }

  close(tip: Tip): Promise<void> {
    return this.#write(tip, true)
  }

  #write({ epoch, commit, chain }: Tip, clean: boolean): Promise<void> {
    const anchor = { epoch, commit, chain: chain.toString('hex'), clean }
    this.#writing = this.#writing.then(() => writeAnchor(this.#path, anchor))
    return this.#writing
  }
}

/**
 * Whether a journal that got this far should have an anchor. Each opening begins with a commit, and
 * may die before the anchor of it: if none has got farther, nothing was acknowledged.
 */
export const isUnanchored = (tip: Tip | undefined, anchor: Anchor | undefined): boolean =>
  anchor === undefined && tip !== undefined && tip.commit > tip.epoch

/** Throws JOURNAL_TAIL_LOST when the journal ends before a commit that was acknowledged. */
export function mustReach(
  path: string,
  tip: Tip | undefined,
  anchor: Anchor | undefined,
  durability: Durability,
): void {
  const lost = lostTail(path, tip, anchor, durability, READ_IN)
  if (lost !== undefined) throw lost
}

const READ_IN =
  'Restore the directory as it was, or a newer backup. LevelDB has read its log in; ' +
  'if that was torn, it is kept beside it as *.log.torn.'

const LEFT =
  'Nothing was changed. Restore the directory as it was, or a newer backup; ' +
  '`perdure salvage` saves what is left.'

/** JOURNAL_TAIL_LOST when the journal ends before a commit that was acknowledged. */
export function lostTail(
  path: string,
  tip: Tip | undefined,
  anchor: Anchor | undefined,
  durability: Durability,
  hint = LEFT,
): JournalError | undefined {
  if (anchor === undefined) return undefined
  const commit = tip?.commit ?? 0
  const reached =
    commit > anchor.commit ||
    (commit === anchor.commit && tip?.chain.toString('hex') === anchor.chain)
  // Without fsync a power cut may take acknowledged commits: that is what the mode is named for.
  if (reached || durability === 'os') return undefined
  const lost = anchor.commit - commit
  return new JournalError(
    'JOURNAL_TAIL_LOST',
    `The journal ${path} ends at commit ${commit}; commit ${anchor.commit} was acknowledged.`,
    {
      hint,
      facts: { place: path, commit, acknowledged: anchor.commit, lost },
    },
  )
}
