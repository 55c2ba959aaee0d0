/** A schedule, as far as it is known: what a trigger says of its own stands in the code. */
export interface ScheduleFacts {
  readonly id: string
  readonly workflow: string
  readonly source: 'trigger' | 'runtime'
  readonly cron?: string
  readonly tz?: string
  readonly missed?: string
  readonly overlap?: string
  /** In ms. */
  readonly jitter?: number
  /** `stored`: no engine is there that would make it tick. */
  readonly status: 'ticking' | 'paused' | 'waiting' | 'stored'
  /** When it fires next: ms since the epoch. */
  readonly next?: number
  /** Up to when its ticks have been seen to: ms since the epoch. */
  readonly handled?: number
  readonly active?: readonly string[]
  readonly buffered: number
}
