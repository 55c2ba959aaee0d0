import { isLike } from '../testing/typo.ts'

/** A known name that may have been meant; empty: there is none. */
export function suggestion(name: string, known: readonly string[]): string {
  const alike = known.find(each => isLike(each, name))
  return alike === undefined ? '' : `Did you mean ${JSON.stringify(alike)}? `
}
