/** What the command's exit status says. */
export const exit = {
  ok: 0,
  /** The command could not do what it was asked: wrong usage, no such directory, no journal. */
  refused: 2,
  /** There is no such run. */
  notFound: 3,
  damaged: 5,
} as const

export type Exit = (typeof exit)[keyof typeof exit]
