import type { EventFacts } from '../../journal/entry.ts'

/** Whose data it is that a run of a workflow is given. */
export const namesOf = (
  event: Pick<EventFacts, 'name'> | undefined,
  workflow: string,
): readonly string[] => (event === undefined ? [workflow] : [workflow, event.name])
