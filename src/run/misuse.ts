import { EngineError } from '../define/error.ts'
import type { UnawaitedCall } from './unawaited.ts'

export const nested = (id: string, outer: string): EngineError =>
  new EngineError('STEP_NESTED', `Step '${id}' is called inside the body of step '${outer}'.`, {
    hint: `Call '${id}' after or beside '${outer}', not in it: a body is repeated as a whole.`,
    facts: { step: id, inside: outer },
  })

/** `refusal` becomes the cause: the call could not even be made. */
export const notAwaited = (
  { id, refusal }: UnawaitedCall,
  ended: 'returned' | 'continued',
): EngineError =>
  new EngineError(
    'STEP_NOT_AWAITED',
    `The code ${ENDED[ended]}, but step '${id}' was never awaited.`,
    {
      hint: `Write \`await\` before the call of '${id}', or gather such calls with Promise.all.`,
      facts: { step: id },
      ...(refusal !== undefined && { cause: refusal }),
    },
  )

const ENDED = { returned: 'returned', continued: 'called continueAsNew' } as const
