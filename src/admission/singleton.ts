import type { Singleton } from '../define/flow/singleton.ts'

/** Who holds the lock; there is no state where nobody does. */
export interface SingletonState {
  readonly holder: string
  /** With mode `'cancel'`: who gets it when the holder, which is being cancelled, has ended. */
  readonly next?: string
}

export type SingletonDecision =
  /** The run holds the lock. */
  | { readonly kind: 'admit' }
  | { readonly kind: 'skip'; readonly by: string }
  /** The run waits for the end of the holder; `cancels` is to be cancelled. */
  | { readonly kind: 'wait'; readonly cancels: string }

export interface SingletonOutcome {
  readonly state: SingletonState
  readonly decision: SingletonDecision
}

/**
 * Decides about one run. With mode `'cancel'` only the newest waits: the first to come cancels the
 * holder, each further one the one that has waited until then.
 */
export function singleton(
  state: SingletonState | undefined,
  { mode }: Pick<Singleton, 'mode'>,
  run: string,
): SingletonOutcome {
  if (state === undefined) return { state: { holder: run }, decision: { kind: 'admit' } }
  switch (mode) {
    case 'skip':
      return { state, decision: { kind: 'skip', by: state.holder } }
    case 'cancel':
      return {
        state: { holder: state.holder, next: run },
        decision: { kind: 'wait', cancels: state.next ?? state.holder },
      }
  }
}
