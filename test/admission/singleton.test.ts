import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SingletonState, singleton } from '../../src/admission/singleton.ts'
import { stored } from './stored.ts'

/** The state after a run has ended, whichever it is. Where the holder changes, the new one may start. */
function released(state: SingletonState, run: string): SingletonState | undefined {
  const { holder, next } = state
  if (run === holder) return next === undefined ? undefined : { holder: next }
  return run === next ? { holder } : state
}

/** Runs that come, and ones of those not over that end. */
const moves = fc.array(fc.oneof(fc.constant('come' as const), fc.nat(3)), { maxLength: 60 })

describe('a singleton', () => {
  test('has one holder while there are runs, who is the first that came', () => {
    fc.assert(
      fc.property(moves, list => {
        let state: SingletonState | undefined
        let holder: string | undefined
        for (const [index, move] of list.entries()) {
          const run = `r${index}`
          if (move === 'come') {
            const { state: next, decision } = singleton(state, { mode: 'skip' }, run)
            expect(decision).toEqual(
              holder === undefined ? { kind: 'admit' } : { kind: 'skip', by: holder },
            )
            holder ??= run
            state = stored(next)
          } else if (state !== undefined) {
            state = stored(released(state, move === 0 ? (holder ?? '') : 'another'))
            if (move === 0) holder = undefined
          }
          expect(state).toEqual(holder === undefined ? undefined : { holder })
        }
      }),
    )
  })

  test('with mode cancel goes to the newest, once the holder has ended', () => {
    fc.assert(
      fc.property(moves, list => {
        let state: SingletonState | undefined
        // The holder and the one that waits: of those that come, only the newest does.
        let alive: string[] = []
        for (const [index, move] of list.entries()) {
          const run = `r${index}`
          if (move === 'come') {
            const { state: next, decision } = singleton(state, { mode: 'cancel' }, run)
            const newest = alive.at(-1)
            expect(decision).toEqual(
              newest === undefined ? { kind: 'admit' } : { kind: 'wait', cancels: newest },
            )
            alive = [...alive.slice(0, 1), run]
            state = stored(next)
          } else if (state !== undefined) {
            const ended = alive[move] ?? 'another'
            alive = alive.filter(each => each !== ended)
            state = stored(released(state, ended))
          }
          const [holder, next] = alive
          expect(state).toEqual(holder === undefined ? undefined : { holder, next })
        }
      }),
    )
  })

  test('with mode cancel leaves out those between the holder and the newest', () => {
    const mode = { mode: 'cancel' } as const
    const first = singleton(undefined, mode, 'a')
    const second = singleton(first.state, mode, 'b')
    expect(second).toEqual({
      state: { holder: 'a', next: 'b' },
      decision: { kind: 'wait', cancels: 'a' },
    })
    const third = singleton(second.state, mode, 'c')
    expect(third).toEqual({
      state: { holder: 'a', next: 'c' },
      decision: { kind: 'wait', cancels: 'b' },
    })
    expect(released(third.state, 'b')).toBe(third.state)
    expect(released(third.state, 'c')).toEqual({ holder: 'a' })
    expect(released(third.state, 'a')).toEqual({ holder: 'c' })
    expect(released({ holder: 'c' }, 'c')).toBeUndefined()
  })
})
