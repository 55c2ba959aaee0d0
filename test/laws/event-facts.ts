/** What an event brings, and what a run is started with. */
export interface Facts {
  readonly k: number
  readonly n: number
  /** How many events and calls there were before it, one leading to the next. */
  readonly hops: number
}

export const NAMES = ['app/a', 'app/b', 'app/stop'] as const

/** What of an event must hold, under the name that plans give it. */
export type ConditionName = 'any' | 'match' | 'if' | 'where' | 'never'

/** What waits for an event: its name, and the condition on it. */
export interface Listening {
  readonly name: (typeof NAMES)[number]
  readonly how: ConditionName
}

/** Whether it holds of an event, for a run that was started with `k`. By hand, on purpose. */
export function fits({ name, how }: Listening, k: unknown, event: EventLike): boolean {
  if (event.name !== name) return false
  const facts = event.data as Partial<Facts>
  switch (how) {
    case 'any':
      return true
    case 'match':
      return facts.k === k
    case 'if':
      return facts.k === k && (facts.n ?? 0) >= 1
    case 'where':
      return facts.n === 1
    case 'never':
      return false
    default:
      return how satisfies never
  }
}

export interface EventLike {
  readonly name: string
  readonly data: unknown
}

/** The same as it is written for the engine. */
export function written(how: ConditionName): { match?: 'data.k'; if?: string } {
  switch (how) {
    case 'any':
      return {}
    case 'match':
      return { match: 'data.k' }
    case 'if':
      return { if: 'async.data.k == event.data.k && async.data.n >= 1' }
    case 'where':
      return { if: 'async.data.n == 1' }
    case 'never':
      return { if: 'async.data.n == 99 && event.data.k == async.data.k' }
    default:
      return how satisfies never
  }
}

/** Further than this nothing starts anything. */
export const MOST_HOPS = 2

/** What starts runs of a workflow. */
export interface TriggerSpec {
  /** A name, or `app/*`. */
  readonly pattern: string
  readonly one: boolean
}

export const writtenTrigger = ({ pattern, one }: TriggerSpec) => ({
  event: pattern,
  if: `event.data.hops < ${MOST_HOPS}${one ? ' && event.data.n == 1' : ''}`,
})

export function triggers({ pattern, one }: TriggerSpec, { name, data }: EventLike): boolean {
  const { hops = 0, n } = data as Partial<Facts>
  const named = pattern === name || (pattern === 'app/*' && name.startsWith('app/'))
  return named && hops < MOST_HOPS && (!one || n === 1)
}

/** What cancels runs of a workflow. */
export interface CancelSpec extends Listening {
  readonly timeout?: number
}
