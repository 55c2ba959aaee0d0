import { AsyncLocalStorage } from 'node:async_hooks'

const isScope = (store: unknown): boolean =>
  typeof store === 'object' && store !== null && 'kind' in store && 'code' in store

/**
 * Engines that die without being closed leave their storage switched on, and each costs every
 * promise of the process a little. Notes the storages that engines use from now on; `disable`
 * switches them off.
 */
export function watchScopes(): { disable(): void } {
  const used = new Set<AsyncLocalStorage<unknown>>()
  const run: (this: AsyncLocalStorage<unknown>, ...args: Parameters<Run>) => unknown =
    AsyncLocalStorage.prototype.run
  AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: never[]) {
    const [store] = args
    if (isScope(store)) used.add(this)
    return Reflect.apply(run, this, args)
  }
  return {
    disable() {
      for (const storage of used) storage.disable()
      used.clear()
    },
  }
}

type Run = (store: unknown, work: () => unknown) => unknown
