/**
 * The bytes of a stored value (ABNF; msgpack items as in the MessagePack specification).
 *
 *   value     = undefined / plain / tagged
 *   undefined = %x10                 ; nothing follows
 *   plain     = %x11 item            ; JSON data: the item is the value
 *   tagged    = %x12 node            ; anything else
 *
 * The first byte holds the format version (high nibble, 1) and the form (low nibble). A value has
 * one encoding: `plain` if it can be, else `tagged`. No byte follows the item or node.
 *
 * An item is nil, a boolean, a number, a string, an array of items, or a map from strings to items
 * in the order of the object's properties (no key twice, no key `__proto__`). A number is an int of
 * the shortest form (fixint, uint 8-32, int 8-32) if it is an integer from -2^31 to 2^32-1, else a
 * float 64; NaN is 7ff8000000000000. Strings are well-formed UTF-8 and do not start with U+FEFF.
 * Never used: ext, float 32, 64-bit ints, 0xc1, and in `plain` also bin and negative zero.
 *
 * A node is an item read with one rule more: a map of exactly one entry whose key is "$" is a tag.
 *
 *   {"$": "undefined"}   {"$": "-0"}       ; constants
 *   {"$": n}                               ; the n-th object of this value once more
 *   {"$": [kind, ...]}                     ; by kind:
 *     "bigint" hex                         ; sixteens, lower case, no leading zeros, "-" if negative
 *     "string" bin                         ; UTF-16LE: lone surrogates, or a leading U+FEFF
 *     "object" *(key node)                 ; an object that no map can say: a key "$" alone,
 *                                          ;   a key "__proto__", a key that needs "string"
 *     "null"   *(key node)                 ; the same, without prototype
 *     "array"  length *(key node)          ; with holes or names: indexes are ints, names strings
 *     "date"   ms                          ; since 1970; NaN is the invalid date
 *     "map"    *(node node)
 *     "set"    *node
 *     "regexp" source flags lastIndex
 *     "url"    href
 *     "error"  class hidden *(key node)    ; the first `hidden` properties are not enumerable: those
 *                                          ;   of name, message, stack, cause, errors there are, in
 *                                          ;   that order; then the own enumerable ones
 *     bytes    bin                         ; "ArrayBuffer", "DataView", "Buffer" or the name of a
 *                                          ;   typed array; its bytes, elements little-endian
 *
 * Objects are counted from 0 in the order in which they open, parents before children, left to
 * right. Every array, map and `[kind, ...]` counts once, except "bigint" and "string".
 * Keys, class, hex, flags: strings; a key or source may be a {"$": ["string", bin]}.
 */
export const Form = { undefined: 0x10, plain: 0x11, tagged: 0x12 } as const

/** The one key that makes a map of one entry a tag. */
export const TAG = '$'

export type Node = null | boolean | number | string | Uint8Array | Node[] | NodeMap
export interface NodeMap {
  [key: string]: Node
}

/** Properties of an error that are stored although they are not enumerable, in this order. */
export const HIDDEN_FIELDS = ['name', 'message', 'stack', 'cause', 'errors'] as const

export const tag = (body: Node): NodeMap => ({ [TAG]: body })

/** What msgpackr does not bring back as it was: lone surrogates, and a byte order mark in front. */
export const isExact = (text: string): boolean => !/^\ufeff|\p{Surrogate}/u.test(text)

/** Sets an own property, whatever its name. */
export function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}
