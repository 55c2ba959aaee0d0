import { isExact } from '../../journal/codec/tags.ts'
import { EngineError } from '../define/error.ts'
import { givenText } from '../define/given-text.ts'

const LONGEST = 512

/** What is wrong with the id of a step call. It has to come out of the journal as it went in. */
export function stepIdFault(id: unknown): EngineError | undefined {
  if (typeof id !== 'string')
    return invalid(`The id of a step is a text; ${givenText(id)} is none.`)
  if (id === '') return invalid('The id of a step is empty.')
  if (id.length > LONGEST) {
    const begin = JSON.stringify(id.slice(0, SHOWN))
    return invalid(`The id of a step is ${id.length} characters long: ${begin}...`)
  }
  return isExact(id) ? undefined : invalid(`The id of a step is no text: ${JSON.stringify(id)}`)
}

/** The id. Throws DEFINITION_INVALID. */
export function mustBeStepId(id: unknown): string {
  const fault = stepIdFault(id)
  if (fault !== undefined) throw fault
  return id as string
}

const SHOWN = 40

const invalid = (message: string): EngineError =>
  new EngineError('DEFINITION_INVALID', message, {
    hint: `Correct the call in the workflow: an id has 1 to ${LONGEST} characters of Unicode text.`,
  })
