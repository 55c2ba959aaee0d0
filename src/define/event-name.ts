import { givenText } from './given-text.ts'
import { type Place, refusal } from './place.ts'

/** Names that begin so are given by the engine only. */
const RESERVED_PREFIX = 'perdure/'

export const OWN_EVENTS = [
  'perdure/run.completed',
  'perdure/run.failed',
  'perdure/run.cancelled',
] as const

/** A signal is an event of this name. It is for `waitForSignal` alone. */
export const SIGNAL_EVENT = 'perdure/signal'

const LONGEST_NAME = 255

/** What `event` may be given. Throws DEFINITION_INVALID. */
export function mustBeFreeName(name: unknown, place: Place): void {
  mustBeName(name, place)
  if (name.includes('*')) throw wildcard(name, place)
  if (!name.startsWith(RESERVED_PREFIX)) return
  const hint = `Names that begin with '${RESERVED_PREFIX}' are the engine's own; choose another.`
  throw refusal(place, `${givenText(name)} is reserved.`, hint)
}

/** What can be waited for: any name, but of the engine's own only those that there are. */
export function mustBeEventName(name: unknown, place: Place): asserts name is string {
  mustBeName(name, place)
  if (name.includes('*')) throw wildcard(name, place)
  mustExist(name, own => own === name, place)
}

/** What can trigger: a name, or one that ends in `/*` or `.*`. */
export function mustBePattern(pattern: unknown, place: Place): asserts pattern is string {
  mustBeName(pattern, place)
  if (!pattern.includes('*')) return mustExist(pattern, own => own === pattern, place)
  const prefix = pattern.slice(0, -1)
  if (prefix.includes('*') || !/.[/.]\*$/s.test(pattern)) {
    const hint = "Write '*' once, as the last part: 'app/*' or 'app/user.*'."
    throw refusal(place, `${givenText(pattern)} is not a pattern.`, hint)
  }
  mustExist(pattern, own => own.startsWith(prefix), place)
}

// Nobody else can send them: a misspelt one would be waited for forever.
function mustExist(name: string, fits: (own: string) => boolean, place: Place): void {
  if (!name.startsWith(RESERVED_PREFIX) || OWN_EVENTS.some(fits)) return
  throw refusal(place, `${givenText(name)} is never sent.`, `There are ${OWN_EVENTS.join(', ')}.`)
}

function mustBeName(name: unknown, place: Place): asserts name is string {
  const isName = typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME
  if (isName && isWhole(name)) return
  const hint = `Use a text of 1 to ${LONGEST_NAME} characters, such as 'app/user.signup'.`
  throw refusal(place, `${givenText(name)} is not the name of an event.`, hint)
}

/** Whether no half of a character is in it: in UTF-8 all such halves are one and the same. */
export const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text)

const wildcard = (name: string, place: Place) =>
  refusal(
    place,
    `${givenText(name)} has a wildcard.`,
    'Wildcards stand in triggers only; name the one event here.',
  )
