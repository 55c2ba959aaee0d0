import { REDACTED, type Secrets } from './secrets.ts'

type Masks = Pick<Secrets, 'mask'>

/** Keys behind a name, in an expression. */
export const KEYS = String.raw`(?:\.[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\]|\[\d+\])`
const PATH = new RegExp(String.raw`\b(?!literals\b)[A-Za-z_]\w*${KEYS}*`, 'g')
const KEY = /\.?([A-Za-z_]\w*)|\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]/g
/** Of any event or workflow. */
const ANYONE = ['*']

/**
 * Whether an expression reads what would be masked, such as `event.data.token`. `of` are the names of those
 * whose data it reads, as far as they are known.
 */
export const readsSecret = (text: string, masks: Masks, of: readonly string[] = ANYONE): boolean =>
  [...withoutTexts(text).matchAll(PATH)].some(([path]) => isSecret(path, masks, of))

/** Whether a value at this path would be masked. */
export function isSecret(path: string, masks: Masks, of: readonly string[] = ANYONE): boolean {
  const found = [...path.matchAll(KEY)].map(([, plain, quoted, index]) => ({
    key: plain ?? (quoted === undefined ? (index ?? '') : unquoted(quoted)),
    isIndex: index !== undefined,
  }))
  // An index is a place in a list, which is not in paths, or a key.
  return [found, found.filter(({ isIndex }) => !isIndex)].some(keys =>
    hides(
      keys.map(({ key }) => key),
      masks,
      of,
    ),
  )
}

function hides(path: readonly string[], masks: Masks, of: readonly string[]): boolean {
  const [root = '', ...inside] = path
  const keys = root === 'event' || root === 'async' ? inside : path
  return keys[0] === 'data' ? differs(keys.slice(1), masks, of) : differs(keys, masks, [])
}

function differs(keys: readonly string[], masks: Masks, of: readonly string[]): boolean {
  let probe: unknown = PROBE
  for (const key of [...keys].reverse()) probe = { [key]: probe }
  let masked = masks.mask(probe, of)
  for (const key of keys) {
    if (typeof masked !== 'object' || masked === null) return true
    masked = Reflect.get(masked, key)
  }
  return masked !== PROBE
}

const PROBE = 0

/** Texts that stand by themselves are no names; those in brackets are keys. */
const withoutTexts = (text: string): string =>
  text.replace(
    /(\[?)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g,
    (_, bracket: string, quoted: string) =>
      bracket === '' ? '""' : `[${JSON.stringify(unquoted(quoted))}`,
  )

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

/** What stands in the place of the value of a key, as the text of that has it. */
export const REDACTED_KEY = JSON.stringify(REDACTED)
