import type { Post } from './event-book.ts'
import type { Item } from './items.ts'

/** What a commit puts into inboxes because of events. */
export class Found {
  readonly #posts: Set<Post>
  /** Runs that were told something that came to nothing. */
  readonly #told: ReadonlySet<string>

  constructor(items: readonly Item[]) {
    const posts = items.flatMap(item => (item.kind === 'post' ? [item.post] : []))
    this.#posts = new Set(
      posts.filter(
        ({ input }) =>
          input?.type === 'event.delivered' ||
          (input?.type === 'run.cancel_requested' && input.reason.startsWith('event ')),
      ),
    )
    this.#told = new Set(posts.flatMap(({ run, brief }) => (brief ? run : [])))
  }

  delivery(run: string, seq: number): Post | undefined {
    for (const post of this.#posts) {
      const { input } = post
      if (post.run === run && input?.type === 'event.delivered' && input.of === seq) return post
    }
    return undefined
  }

  cancellation(run: string, reason: string): Post | undefined {
    for (const post of this.#posts) {
      const { input } = post
      if (post.run !== run || input?.type !== 'run.cancel_requested') continue
      if (input.reason === reason) return post
    }
    return undefined
  }

  mayHave(run: string): boolean {
    return this.#told.has(run)
  }

  explain(post: Post): void {
    this.#posts.delete(post)
  }

  left(): readonly Post[] {
    return [...this.#posts]
  }
}

/** Where in a commit something is closed. */
export class Endings {
  readonly #at = new Map<string, number>()

  constructor(items: readonly Item[]) {
    for (const [at, item] of items.entries()) {
      if (item.kind !== 'record') continue
      for (const { op, what } of item.changes) {
        if (op === 'closed') this.#at.set(`${item.record.run}!${what.seq}`, at)
      }
    }
  }

  closesAfter(at: number, run: string, seq: number): boolean {
    return (this.#at.get(`${run}!${seq}`) ?? -1) > at
  }
}
