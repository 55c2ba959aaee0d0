import type { Born } from './turn.ts'

/** What is to be done once a write is durable, beside what its turns say. */
export class Aftermath {
  readonly born: Born[] = []
  readonly mailed: string[] = []
}
