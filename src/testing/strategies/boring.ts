import type { Source } from '../choices.ts'

/** The happy path. */
export const boring: Source = () => 0
