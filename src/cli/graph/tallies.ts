import type { Call, CallType } from './call.ts'

/** How the thing came out that an edge leads away from. */
export type How = 'ok' | 'failed' | 'timeout' | 'cancelled'

export type NodeType = CallType | 'start' | 'end' | 'parallel'

export interface NodeTally {
  readonly key: string
  readonly type: NodeType
  readonly name: string
  readonly detail: string
  /** How often it was asked for, and in how many runs. */
  count: number
  runs: number
  failed: number
  retries: number
  timeouts: number
  /** Runs that wait for it as it is now. */
  now: number
}

export interface EdgeTally {
  readonly from: string
  readonly to: string
  readonly how: How
  count: number
}

/** What was observed of the runs of one workflow, in the order in which it first came up. */
export class Tallies {
  readonly #nodes = new Map<string, NodeTally>()
  readonly #edges = new Map<string, EdgeTally>()

  get nodes(): readonly NodeTally[] {
    return [...this.#nodes.values()]
  }

  get edges(): readonly EdgeTally[] {
    return [...this.#edges.values()]
  }

  /** Of a node that has come up. */
  node(key: string): NodeTally {
    const found = this.#nodes.get(key)
    if (found === undefined) throw new Error(`${key} has not come up`)
    return found
  }

  start(name: string): string {
    const key = `start ${name}`
    const tally = this.#node(key, 'start', name, '')
    tally.count++
    tally.runs++
    return key
  }

  call({ node, type, id, detail }: Call): NodeTally {
    return this.#node(node, type, id, detail)
  }

  end(name: string): string {
    const key = `end ${name}`
    const tally = this.#node(key, 'end', name, '')
    tally.count++
    tally.runs++
    return key
  }

  /** Where the code asks for several things at once. */
  fork(names: readonly string[]): string {
    const key = `parallel ${names.toSorted().join(' ')}`
    this.#node(key, 'parallel', '', '').count++
    return key
  }

  edge(from: string, to: string, how: How, count: number): void {
    const key = JSON.stringify([from, to, how])
    const edge = this.#edges.get(key)
    if (edge === undefined) this.#edges.set(key, { from, to, how, count })
    else edge.count += count
  }

  #node(key: string, type: NodeType, name: string, detail: string): NodeTally {
    const found = this.#nodes.get(key)
    if (found !== undefined) return found
    const none = { count: 0, runs: 0, failed: 0, retries: 0, timeouts: 0, now: 0 }
    const tally = { key, type, name, detail, ...none }
    this.#nodes.set(key, tally)
    return tally
  }
}
