/** Kinds of lines in the order in which they come, and what the trailer calls how many there are. */
export const SECTIONS = [
  ['entry', 'entries'],
  ['schedule', 'schedules'],
  ['limit', 'limits'],
  ['event', 'events'],
  ['eventId', 'eventIds'],
  ['input', 'inputs'],
] as const
