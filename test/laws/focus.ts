/** What plans are mostly about: what is rare in all of them is common in those of one kind. */
export type Focus = keyof typeof FOCUSES

/** How often each thing is asked for. */
export interface Weights {
  /** Calls that have to do with events, beside some 40 other nodes; and of these, children. */
  readonly calls: number
  readonly children: number
  readonly send: number
  readonly signal: number
  readonly gc: number
  readonly schedule: number
  readonly retention: readonly (number | 'forever')[]
  /** Whether workflows have limits; or gather what starts their runs, which events cancel. */
  readonly flow: boolean | 'gathers'
}

const NOTHING: Weights = {
  ...{ calls: 0, children: 0, send: 0, signal: 0, gc: 0, schedule: 0 },
  retention: ['forever'],
  flow: false,
}

export const FOCUSES = {
  runs: NOTHING,
  events: { ...NOTHING, calls: 40, children: 1, send: 24, signal: 2 },
  children: { ...NOTHING, calls: 20, children: 16, send: 4, gc: 1 },
  schedules: { ...NOTHING, calls: 4, children: 1, send: 1, schedule: 20 },
  upkeep: { ...NOTHING, calls: 4, children: 1, send: 12, gc: 16, retention: [20_000] },
  flow: { ...NOTHING, calls: 6, children: 1, send: 40, flow: true },
  gathered: { ...NOTHING, calls: 6, send: 40, flow: 'gathers' },
  all: {
    ...{ calls: 12, children: 4, send: 12, signal: 2, gc: 3, schedule: 4 },
    retention: ['forever', 20_000],
    flow: false,
  },
} as const satisfies { [focus: string]: Weights }

export const focuses = Object.keys(FOCUSES) as Focus[]
