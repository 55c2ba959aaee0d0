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

/** Which workflows an event starts. Patterns are looked up by exact text, never scanned. */
export class Triggers {
  readonly #byPattern = new Map<string, Trigger[]>()
  readonly #expressions: Expressions

  constructor(workflows: Iterable<AnyWorkflow>, expressions: Expressions) {
    this.#expressions = expressions
    for (const workflow of workflows) {
      for (const trigger of workflow.triggers) {
        if (trigger.kind !== 'event') continue
        const others = this.#byPattern.get(trigger.pattern) ?? []
        this.#byPattern.set(trigger.pattern, [...others, { workflow, trigger }])
      }
    }
  }

  /** Triggers that name the event, whatever their conditions. */
  named(name: string): readonly Trigger[] {
    if (name === SIGNAL_EVENT) return []
    return candidatePatterns(name).flatMap(pattern => this.#byPattern.get(pattern) ?? [])
  }

  #holds({ if: condition }: EventTrigger, event: EventView, now: number): boolean {
    if (condition === undefined) return true
    if (typeof condition === 'function') return Boolean(condition(event))
    return this.#expressions.holds(condition, event, now)
  }

  /** The workflows it starts: each once, however many of its triggers match. */
  startedBy(
    event: EventView,
    now: number,
    failed: (workflow: AnyWorkflow, error: unknown) => void,
  ): AnyWorkflow[] {
    const started = new Set<AnyWorkflow>()
    for (const { workflow, trigger } of this.named(event.name)) {
      if (started.has(workflow)) continue
      try {
        if (this.#holds(trigger, event, now)) started.add(workflow)
      } catch (error) {
        failed(workflow, error)
      }
    }
    return [...started]
  }
}
