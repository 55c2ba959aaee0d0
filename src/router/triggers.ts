import { EngineError } from '../define/error.ts'
import { SIGNAL_EVENT } from '../define/event-name.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Expressions } from './folding.ts'
import type { EventView } from './listeners.ts'
import { candidatePatterns } from './patterns.ts'

type EventTrigger = Extract<AnyWorkflow['triggers'][number], { kind: 'event' }>

interface Trigger {
  readonly workflow: AnyWorkflow
  readonly trigger: EventTrigger
}

export interface Asking {
  readonly now: number
  /** The event once more: a function may change what it is given. */
  copy(): EventView
  /** A condition could not be evaluated: it counts as not met. */
  unmet(facts: object, error: unknown): void
}

/** Which workflows an event starts. Patterns are looked up by exact text, never scanned. */
export class Triggers {
  readonly #byPattern = new Map<string, Trigger[]>()
  // Without any, a name is looked up as it is.
  #hasWildcards = false
  readonly #expressions: Expressions

  constructor(workflows: Iterable<AnyWorkflow>, expressions: Expressions) {
    this.#expressions = expressions
    for (const workflow of workflows) {
      for (const trigger of workflow.triggers) {
        if (trigger.kind !== 'event') continue
        this.#hasWildcards ||= trigger.pattern.endsWith('*')
        const others = this.#byPattern.get(trigger.pattern) ?? []
        this.#byPattern.set(trigger.pattern, [...others, { workflow, trigger }])
      }
    }
  }

  /** Triggers that name the event, whatever their conditions. */
  named(name: string): readonly Trigger[] {
    if (name === SIGNAL_EVENT) return NONE
    if (!this.#hasWildcards) return this.#byPattern.get(name) ?? NONE
    return candidatePatterns(name).flatMap(pattern => this.#byPattern.get(pattern) ?? [])
  }

  #holds({ if: condition }: EventTrigger, event: EventView, { now, copy }: Asking): boolean {
    if (condition === undefined) return true
    if (typeof condition !== 'function') return this.#expressions.holds(condition, event, now)
    const answer: unknown = condition(copy())
    if (!(answer instanceof Promise)) return Boolean(answer)
    answer.catch(() => {})
    throw new EngineError('DEFINITION_INVALID', 'The condition of a trigger is asynchronous.', {
      hint: 'Decide by the event alone; for anything else use a step.',
      facts: { event: event.name },
    })
  }

  /** The workflows it starts: each once, however many of its triggers match. */
  startedBy(event: EventView, asking: Asking): AnyWorkflow[] {
    const started = new Set<AnyWorkflow>()
    for (const { workflow, trigger } of this.named(event.name)) {
      if (started.has(workflow)) continue
      try {
        if (this.#holds(trigger, event, asking)) started.add(workflow)
      } catch (error) {
        asking.unmet({ workflow: workflow.id }, error)
      }
    }
    return [...started]
  }
}

const NONE: readonly Trigger[] = []
