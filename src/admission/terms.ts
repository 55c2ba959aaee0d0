import type { Flow } from '../define/flow/flow.ts'
import { limitId } from './limit-id.ts'
import { RunPassage } from './passage.ts'
import type { Request } from './request.ts'

/** What a run comes under where runs begin, as its keys say. */
export interface Terms {
  /** Id of the singleton that it is of, if it is of one. */
  readonly single: readonly string[]
  readonly passage: RunPassage
}

/** Says what runs come under. Where nothing hangs on keys their passage is one and the same. */
export class TermsBook {
  /** By workflow. */
  readonly #fixed = new Map<string, RunPassage>()

  of(request: Request): Terms {
    const single = singleOf(request)
    return { single, passage: this.passageOf(request, single) }
  }

  /** `single`: as `singleOf` says, which whoever needs no passage may ask before. */
  passageOf(request: Request, single: readonly string[]): RunPassage {
    const { flow, workflow } = request
    const fixed = this.#fixed.get(workflow)
    if (fixed !== undefined) return fixed
    const passage = new RunPassage(request, isShared(flow) ? single : [])
    if (!isKeyed(flow) && flow.singleton === undefined) this.#fixed.set(workflow, passage)
    return passage
  }
}

/** Id of the singleton that a run is of, if it is of one. */
export function singleOf(request: Request): readonly string[] {
  const rule = request.flow.singleton
  const value = rule && request.textOf(rule.key)
  if (value === undefined) return []
  const keyText = rule?.key?.text ?? ''
  return [limitId({ kind: 'singleton', owner: request.workflow, keyText, value })]
}

/** Whether a run waits for its singleton as for a limit, and holds it from its beginning on only. */
export const isShared = ({ singleton }: Flow): boolean => singleton?.mode === 'cancel'

/** Whether runs of one workflow may come under different limits. */
export const isKeyed = ({ concurrency, throttle, singleton }: Flow): boolean =>
  concurrency.some(({ key }) => key !== undefined) ||
  throttle?.key !== undefined ||
  singleton?.key !== undefined
