import { AsyncLocalStorage } from 'node:async_hooks'
import type { Scope, Scopes } from './call.ts'

const storage: Scopes = new AsyncLocalStorage<Scope>()
const users = new Set<object>()

/**
 * Which step body or shield a call is made in. One storage serves all engines of the process: each
 * storage gives every promise one property more, and that of a new one makes all code that handles
 * promises begin anew. A scope knows whose it is, so engines do not mistake each other's.
 *
 * While it is switched on every promise of the process is dearer: the last one to end its use
 * switches it off.
 */
export function useScopes(): { readonly scopes: Scopes; end(): void } {
  const user = {}
  users.add(user)
  return {
    scopes: storage,
    end() {
      if (users.delete(user) && users.size === 0) storage.disable()
    },
  }
}
