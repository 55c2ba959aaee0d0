/** What the command's exit status says. Documented and stable. */
export const exit = {
  ok: 0,
  /** Something that should not have happened; what the command writes could not be written. */
  failed: 1,
  /** Wrong usage, a value that is not one, an id that several runs have, a question answered with no. */
  refused: 2,
  /** There is no such run, event, step or journal. */
  notFound: 3,
  /** An engine has the journal and does not answer, or none has and one is needed. */
  unreachable: 4,
  damaged: 5,
  /** What was compared differs: code and journal, or two runs. */
  differs: 6,
  /** With `--exit-status`: the run failed, was cancelled or skipped, or is parked. */
  ended: 7,
  timedOut: 8,
  interrupted: 130,
} as const

export type Exit = (typeof exit)[keyof typeof exit]
