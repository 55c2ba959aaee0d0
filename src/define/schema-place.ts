/** A place in data, as a schema tells of it. */
export interface SchemaPlace {
  /** What it is told apart by: the same part of a schema may stand at many places. */
  readonly part: object
  readonly isSecret: boolean
  /** What is said of the same place besides. */
  here(): readonly SchemaPlace[]
  /** What is said of what it holds. */
  inside(): readonly Held[]
}

/** `*`: any key. */
export type Held = readonly [segment: string, place: SchemaPlace]

/** Any key. */
export const ANY = '*'

/** A key as it stands in a path. */
export const segmentOf = (key: string): string => key.replace(/[\\.*]/g, '\\$&')

/** More are no schema that anybody wrote: there is no end of them. */
const MOST = 200_000

/**
 * Paths to the secrets in a schema, "" for all of it. Each part is looked at once: one that stands at
 * several places, in itself perhaps, is taken as if it stood for itself. Throws a RangeError for a schema
 * without end.
 */
export function secretPlaces(root: SchemaPlace): readonly string[] {
  const nodes = nodesOf(root)
  spread([...nodes.values()].filter(({ place }) => place.isSecret))
  const top = nodes.get(root.part)
  if (top?.isSecret === true) return ['']
  const found = new Set<string>()
  for (const node of nodes.values()) {
    for (const [segment, held] of node.holds) {
      if (held.isSecret) for (const path of pathsOf(node, segment)) found.add(path)
    }
  }
  return [...found]
}

/** A part of a schema. */
class Node {
  readonly place: SchemaPlace
  readonly isRoot: boolean
  isSecret = false
  /** Those that hold it, or say it of their own place. */
  readonly within: { readonly node: Node; readonly segment?: string }[] = []
  readonly holds: (readonly [segment: string, held: Node])[] = []

  constructor(place: SchemaPlace, isRoot = false) {
    this.place = place
    this.isRoot = isRoot
  }
}

function nodesOf(root: SchemaPlace): ReadonlyMap<object, Node> {
  const nodes = new Map([[root.part, new Node(root, true)]])
  const nodeOf = (place: SchemaPlace): Node => {
    const node = nodes.get(place.part) ?? new Node(place)
    nodes.set(place.part, node)
    return node
  }
  // What is added to a map meanwhile has its turn.
  for (const node of nodes.values()) {
    if (nodes.size > MOST) throw new RangeError('There is no end of this schema.')
    for (const place of node.place.here()) nodeOf(place).within.push({ node })
    for (const [segment, place] of node.place.inside()) {
      const held = nodeOf(place)
      held.within.push({ node, segment })
      node.holds.push([segment, held])
    }
  }
  return nodes
}

/** What is said of a place that is said to be secret somewhere, is of a secret. */
function spread(secret: Node[]): void {
  for (const node of secret) {
    if (node.isSecret) continue
    node.isSecret = true
    for (const { node: outer, segment } of node.within)
      if (segment === undefined) secret.push(outer)
  }
}

/** The paths of what a part holds: of no more than `*`, those of the places that it stands at. */
function pathsOf(node: Node, segment: string): readonly string[] {
  const { top, segments } = climb(node)
  const path = [...segments, segment]
  const named = path.findIndex(each => each !== ANY)
  const ends = named === -1 ? [] : [path.slice(named).join('.')]
  if (top.isRoot) return top.within.length === 0 || named === -1 ? [path.join('.')] : ends
  if (named !== -1) return ends
  return top.within.flatMap(({ node: outer, segment: last }) => {
    const above = climb(outer)
    const all = [...above.segments, ...(last === undefined ? [] : [last]), ...path]
    // In itself it is below another place of its own, and hidden there with all below.
    if (above.top === top && all.every(each => each === ANY)) return []
    // Somewhere: in all of it.
    return above.top.isRoot || all.some(each => each !== ANY) ? all.join('.') : ''
  })
}

/** Up to where a part stands at several places, or to the root. */
function climb(node: Node): { readonly top: Node; readonly segments: readonly string[] } {
  const segments: string[] = []
  let top = node
  for (;;) {
    const [above] = top.within
    if (top.isRoot || top.within.length !== 1 || above === undefined) break
    if (above.segment !== undefined) segments.push(above.segment)
    top = above.node
  }
  return { top, segments: segments.reverse() }
}
