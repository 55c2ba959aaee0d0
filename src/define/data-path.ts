import type { Indivisible } from './event-match.ts'

/**
 * A path that leads to something in the data of the event that started the run and in the data of
 * the awaited one, such as `data.userId`. Where data is unknown, any path. In a union, a path of one
 * of its members.
 */
export type MatchPath<Trigger, Awaited> = `data.${CommonPath<DataOf<Trigger>, DataOf<Awaited>>}`

/** Every path into data, up to 5 parts below `data`: `data.user`, `data.user.id`, `data.items.0`. */
export type DataPath<Data> = MatchPath<{ readonly data: Data }, unknown>

type DataOf<Event> = Event extends { readonly data: infer Data } ? Data : unknown

// Both sides are descended at once: to intersect the paths of each would take their product.
type CommonPath<A, B, Left extends unknown[] = [1, 2, 3, 4, 5]> = Left extends [
  unknown,
  ...infer Less,
]
  ? unknown extends A
    ? PathIn<B, Left>
    : unknown extends B
      ? PathIn<A, Left>
      : A extends readonly (infer AItem)[]
        ? B extends readonly (infer BItem)[]
          ? Joined<`${number}`, CommonPath<AItem, BItem, Less>>
          : never
        : InBoth<Divisible<A>, Divisible<B>, Less>
  : never

type InBoth<A, B, Left extends unknown[]> = A extends object
  ? B extends object
    ? {
        [Key in keyof A & keyof B & string]: Joined<Key, CommonPath<A[Key], B[Key], Left>>
      }[keyof A & keyof B & string]
    : never
  : never

type PathIn<Value, Left extends unknown[]> = unknown extends Value
  ? string
  : Left extends [unknown, ...infer Less]
    ? Value extends readonly (infer Item)[]
      ? Joined<`${number}`, PathIn<Item, Less>>
      : InOne<Divisible<Value>, Less>
    : never

type InOne<Value, Left extends unknown[]> = Value extends object
  ? { [Key in keyof Value & string]: Joined<Key, PathIn<Value[Key], Left>> }[keyof Value & string]
  : never

type Divisible<Value> = Value extends Indivisible ? never : Extract<Value, object>

// A key with a dot would read as two.
type Joined<Key extends string, Path extends string> = Key extends `${string}.${string}`
  ? never
  : Key | `${Key}.${Path}`
