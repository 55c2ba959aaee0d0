import { inspect } from 'node:util'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import { nameOf } from './interpreter.ts'

/** What the code of a run has called and what came of it, in order. */
export type Trail = string[]

/** The same workflow, with all that its code calls and gets noted on the trail that `begin` gives. */
export const trailed = (of: AnyWorkflow, begin: (run: string) => Trail): AnyWorkflow => ({
  ...of,
  async code(context) {
    const trail = begin(context.run.id)
    const note = (what: string): void => void trail.push(what)
    try {
      const output = await of.code({ ...context, step: noted(context.step, note) })
      note(`returned ${shown(output)}`)
      return output
    } catch (error) {
      note(`threw ${shown(error)}`)
      throw error
    }
  },
})

/** The object, telling of each call of its methods and of each answer. */
const noted = <Tools extends object>(tools: Tools, note: (what: string) => void): Tools =>
  new Proxy(tools, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]): unknown => {
        const [id] = args
        const call = `${String(name)} ${typeof id === 'string' ? id : ''}`
        note(call)
        const answer: unknown = Reflect.apply(method, target, args)
        if (!(answer instanceof Promise)) {
          note(`${call} is ${shown(answer)}`)
          return answer
        }
        answer.then(
          value => note(`${call} gave ${shown(value)}`),
          error => note(`${call} failed with ${shown(error)}`),
        )
        return answer
      }
    },
  })

// Stacks are as they were where an error came up, which a replay does elsewhere.
const shown = (value: unknown): string =>
  value instanceof Error ? nameOf(value) : inspect(value, { depth: 6 })
