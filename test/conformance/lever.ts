import type { Store, StoreBatch } from '../../journal/store.ts'

/** A store whose writes can be held up or made to fail. */
export class Lever implements Store {
  readonly place = 'a store with a lever'
  /** Asked before each write; what it throws is what the write fails with. */
  before: () => Promise<void> | void = () => {}
  /** The same after the write. */
  after: () => void = () => {}
  writes = 0
  discarded = 0
  closed = false
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  batch(): StoreBatch {
    const batch = this.#store.batch()
    return {
      put: (key, value) => batch.put(key, value),
      del: key => batch.del(key),
      write: async () => {
        this.writes++
        await this.before()
        await batch.write()
        this.after()
      },
      discard: () => {
        this.discarded++
        return batch.discard()
      },
    }
  }

  get(...args: Parameters<Store['get']>): ReturnType<Store['get']> {
    return this.#store.get(...args)
  }

  getMany(...args: Parameters<Store['getMany']>): ReturnType<Store['getMany']> {
    return this.#store.getMany(...args)
  }

  scan(...args: Parameters<Store['scan']>): ReturnType<Store['scan']> {
    return this.#store.scan(...args)
  }

  close(): Promise<void> {
    this.closed = true
    return this.#store.close()
  }

  /** Holds the next write up until it is told to go on, or to fail. */
  hold(): (fault?: Error) => void {
    let release = (_?: Error): void => {}
    const held = new Promise<void>((resolve, reject) => {
      release = fault => (fault === undefined ? resolve() : reject(fault))
    })
    this.before = () => {
      this.before = () => {}
      return held
    }
    return release
  }
}
