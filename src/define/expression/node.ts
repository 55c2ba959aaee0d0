import type { FunctionName } from './functions.ts'

/** An expression as a tree. `&&` and `||` take any number of operands, so long chains stay flat. */
export type Node =
  | { readonly kind: 'constant'; readonly value: unknown }
  /** `literals[index]` of a program. */
  | { readonly kind: 'literal'; readonly index: number }
  | { readonly kind: 'variable'; readonly name: 'event' | 'async' }
  /** The variable of a macro; `slot` is the number of macros around the one that binds it. */
  | { readonly kind: 'local'; readonly slot: number }
  /** `object.key`, `object["key"]`, `object[0]`: the key is part of the expression's shape. */
  | { readonly kind: 'member'; readonly object: Node; readonly key: string | number }
  /** `object[key]` with a computed key. */
  | { readonly kind: 'index'; readonly object: Node; readonly key: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: Node, value: Node])[] }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'negate'; readonly operand: Node }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Node[] }
  | { readonly kind: 'choice'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | {
      readonly kind: 'binary'
      readonly operator: Operator
      readonly left: Node
      readonly right: Node
    }
  | { readonly kind: 'has'; readonly operand: Node }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Node[] }
  | MacroNode

export interface MacroNode {
  readonly kind: 'macro'
  readonly macro: Macro
  readonly over: Node
  readonly slot: number
  /** The predicate, and for `map` what each element becomes, after an optional predicate. */
  readonly bodies: readonly Node[]
}

export const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'] as const
export type Operator = (typeof OPERATORS)[number]

export const MACROS = ['exists', 'all', 'exists_one', 'map', 'filter'] as const
export type Macro = (typeof MACROS)[number]

export const constant = (value: unknown): Node => ({ kind: 'constant', value })

/** The nodes right below, in the order in which they stand in the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'constant':
    case 'literal':
    case 'variable':
    case 'local':
      return []
    case 'member':
      return [node.object]
    case 'index':
      return [node.object, node.key]
    case 'list':
      return node.items
    case 'map':
      return node.entries.flat()
    case 'not':
    case 'negate':
    case 'has':
      return [node.operand]
    case 'and':
    case 'or':
    case 'call':
      return node.operands
    case 'choice':
      return [node.test, node.yes, node.no]
    case 'binary':
      return [node.left, node.right]
    case 'macro':
      return [node.over, ...node.bodies]
  }
}

export function sizeOf(node: Node): number {
  let size = 1
  for (const child of childrenOf(node)) size += sizeOf(child)
  return size
}
