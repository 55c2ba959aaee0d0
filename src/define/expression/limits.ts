/** What keeps an expression bounded: in size when it is read, in work when it is evaluated. */
export const limits = {
  sourceLengthMax: 10_000,
  /** Parentheses, calls, lists and accesses within each other. */
  nestingMax: 50,
  /** The height of the tree: `a + b + c` counts for each `+`, `&&` and `||` count once. */
  heightMax: 100,
  nodesMax: 2_000,
  listLengthMax: 1_000,
  /** The text of a program names literals instead of showing them, so it may be longer. */
  programLengthMax: 200_000,
  programNestingMax: 300,
  /** One step is about one element looked at, or a few hundred characters compared. */
  stepsMax: 200_000,
  stringLengthMax: 1_000_000,
  bigintBitsMax: 1_024,
  /** How deep two values are compared before they are called too deep. */
  equalityDepthMax: 64,
  jsonLengthMax: 100_000,
  patternLengthMax: 500,
  patternNestingMax: 30,
  patternInstructionsMax: 1_000,
  patternSubjectMax: 10_000,
  patternsKept: 64,
  /** Alternatives of a condition that an index may be told of. */
  alternativesMax: 16,
} as const
