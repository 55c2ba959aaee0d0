import type { GatherSet } from '../../journal/entry.ts'
import type { Batch } from '../define/flow/batch.ts'
import type { Debounce } from '../define/flow/debounce.ts'
import type { Gatherers, Gathering } from './gatherers.ts'
import { limitId } from './limit-id.ts'
import type { Marks } from './marks.ts'
import type { Request } from './request.ts'

/** It gathers from now on, or goes to a run that does. */
export type Gathered =
  | { readonly kind: 'gather'; readonly set: GatherSet }
  | {
      readonly kind: 'join'
      readonly run: string
      /** When the gathering is over now. */
      readonly due: number
      readonly full: boolean
      /** Only the newest is needed, and this is it: what came before and waits may go. */
      readonly replaces: boolean
      /** It changes nothing: only who asked for it has to know. */
      readonly isIdle: boolean
    }
  | { readonly kind: 'skip'; readonly reason: 'debounce'; readonly by?: string }

