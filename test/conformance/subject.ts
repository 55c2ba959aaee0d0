import type { Store } from '../../journal/store.ts'

/** What a suite is run with: `describe` and `test` of vitest, node:test or the like. */
export interface Framework {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
}

/** An empty store, to be tested and thrown away. */
export interface StoreSubject {
  readonly store: Store
  /** Closes the store and opens it again on what it kept. Absent: it keeps nothing. */
  readonly reopen?: () => Promise<Store>
  /** Closes whatever is open, also a second time, and removes what is left. */
  close(): Promise<void>
}

export type OpenStore = () => Promise<StoreSubject>

/** A test on a store of its own. */
export function testOn(
  { test }: Framework,
  open: OpenStore,
): (name: string, body: (subject: StoreSubject) => Promise<void>) => void {
  return (name, body) =>
    test(name, async () => {
      const subject = await open()
      try {
        await body(subject)
      } finally {
        await subject.close()
      }
    })
}
