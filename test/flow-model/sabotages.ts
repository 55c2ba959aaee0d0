import { Backlogs } from '../../src/admission/backlogs.ts'
import { Claims } from '../../src/admission/claims.ts'
import { Crowds } from '../../src/admission/crowds.ts'
import { Gatherers } from '../../src/admission/gatherers.ts'
import { Heirs } from '../../src/admission/heirs.ts'
import { Holders } from '../../src/admission/holders.ts'
import { Limits } from '../../src/admission/limits.ts'
import { Lobby } from '../../src/admission/lobby.ts'
import { Marks } from '../../src/admission/marks.ts'
import { StepClaim } from '../../src/admission/step-claim.ts'
import { StepQueue } from '../../src/admission/step-queue.ts'
import { Turnstile } from '../../src/admission/turnstile.ts'
import { Window } from '../../src/admission/window.ts'
import { Bell } from '../../src/engine/bell.ts'
import { Census } from '../../src/engine/census.ts'
import { Mailbag } from '../../src/engine/mailbag.ts'
import type { Law } from './laws.ts'
import type { PolicyName } from './policies.ts'

/** A bug put into a part of admission for as long as a test lasts. */
export interface Sabotage {
  readonly name: string
  /** Policies in whose stories it should show. */
  readonly of: readonly PolicyName[]
  /** The laws that may notice it. */
  readonly laws: readonly Law[]
  /** Puts it in. Returns how to take it out again. */
  apply(): () => void
}

/** Puts something in place of a method, made from what was there. */
function instead<Part extends object, Name extends keyof Part>(
  of: { readonly prototype: Part },
  name: Name,
  make: (was: Part[Name]) => Part[Name],
): () => () => void {
  return () => {
    const was = of.prototype[name]
    of.prototype[name] = make(was)
    return () => {
      of.prototype[name] = was
    }
  }
}

const nothing = (): undefined => undefined

/** What a policy has counted is not remembered. */
const forgets = (kind: string) =>
  instead(Marks, 'set', was => {
    return function (this: Marks, id, state) {
      if (!id.startsWith(`["${kind}"`)) was.call(this, id, state)
    }
  })

const HELD: Law = 'nothing waits while nothing holds it'
const LOST: Law = 'nothing is lost or doubled'
const REASON: Law = 'what is refused at the door is refused for the right reason'
const EVENTS: Law = 'a run gets the events that it should'
const GATHERED: Law = 'gathering is over when it should be'
const ORDER: Law = 'who waits first goes first'
const RUNS: Law = 'so many runs at once'
const STEPS: Law = 'so many steps at once'
const PACE: Law = 'starts keep their distance'
const SINGLE: Law = 'one run at a time'
const NEWEST: Law = 'the newest run takes the place'
const ROOM: Law = 'no more may wait than there is room for'

export const sabotages: readonly Sabotage[] = [
  {
    name: 'a throttle counts nothing',
    of: ['throttle'],
    laws: [PACE],
    apply: forgets('throttle'),
  },
  {
    name: 'a rate limit counts nothing',
    of: ['rateLimit'],
    laws: [REASON],
    apply: forgets('rate'),
  },
  {
    name: 'idempotency remembers nothing',
    of: ['idempotency'],
    laws: [REASON],
    apply: forgets('idempotency'),
  },
  {
    name: 'what a run had taken that is refused is not given back',
    of: ['idempotency', 'debounce'],
    laws: [REASON],
    apply: instead(Claims, 'giveBack', () => nothing),
  },
  {
    name: 'what a run had taken that joins another is not given back with that',
    of: ['idempotency', 'batchEvents', 'singleton'],
    laws: [REASON],
    apply: instead(Claims, 'handOver', () => nothing),
  },
  {
    name: 'what a run had taken is not given back after a crash',
    of: ['idempotency', 'batchEvents', 'singleton'],
    laws: [REASON],
    apply: instead(Marks, 'recall', was => {
      return function (this: Marks, id, state, check) {
        was.call(this, id, state, check)
        this.claims.settle((state as { run?: string }).run ?? '')
      }
    }),
  },
  {
    name: 'who is replaced in line is not known to make room',
    of: ['throttle', 'singleton', 'backlog'],
    laws: [NEWEST],
    apply: instead(Crowds, 'standing', () => () => ({ runs: 0, bytes: 0 })),
  },
  {
    name: 'what policies remember is not written',
    of: ['rateLimit'],
    laws: [REASON],
    apply: instead(Marks, 'changed', () => nothing),
  },
  {
    name: 'the window of a throttle is forgotten over a crash',
    of: ['throttle'],
    laws: [PACE],
    apply: instead(Marks, 'recall', was => {
      return function (this: Marks, id, state, check) {
        was.call(this, id, state, check)
        this.set(id, undefined)
      }
    }),
  },
  {
    name: 'those who hold a limit keep it when they end',
    of: ['runs'],
    laws: [HELD],
    apply: instead(Holders, 'release', was => {
      return function (this: Holders, run) {
        const held = was.call(this, run)
        this.hold(run, held)
        return held
      }
    }),
  },
  {
    name: 'nobody holds a limit',
    of: ['runs'],
    laws: [RUNS],
    apply: instead(Holders, 'hold', () => nothing),
  },
  {
    name: 'what is held is forgotten over a crash',
    of: ['runs'],
    laws: [RUNS],
    apply: instead(Census, 'held', () => nothing),
  },
  {
    name: 'a singleton lets go of nothing',
    of: ['singleton'],
    laws: [SINGLE, HELD, NEWEST],
    apply: instead(Holders, 'release', () => () => []),
  },
  {
    name: 'who is to take a place is not known',
    of: ['singleton'],
    laws: [NEWEST],
    apply: instead(Heirs, 'of', () => nothing),
  },
  {
    name: 'nobody is told that there is room',
    of: ['runs'],
    laws: [HELD],
    apply: instead(Lobby, 'freed', () => nothing),
  },
  {
    name: 'who comes late to the line is not seated',
    of: ['throttle'],
    laws: [HELD],
    apply: instead(Lobby, 'seat', () => nothing),
  },
  {
    name: 'all may begin at once',
    of: ['runs'],
    laws: [RUNS],
    apply: instead(Limits, 'limit', () => () => undefined),
  },
  {
    name: 'a newcomer overtakes those who wait',
    of: ['throttle', 'priority'],
    laws: [ORDER, PACE],
    apply: instead(Turnstile, 'passes', () => (limits, now) => {
      for (const limit of limits) limit.take(now)
      return true
    }),
  },
  {
    name: 'rank is ignored',
    of: ['runs', 'priority'],
    laws: [ORDER],
    apply: instead(Lobby, 'seat', was => {
      return function (this: Lobby, lane, waiting) {
        was.call(this, lane, { ...waiting, rank: 0 })
      }
    }),
  },
  {
    name: 'the last of a lane goes first',
    of: ['runs'],
    laws: [ORDER],
    apply: instead(Window, 'insert', was => {
      return function (this: Window<never>, item: { rank: number; place: number }) {
        was.call(this, { ...item, rank: -item.rank, place: -item.place } as never)
      } as never
    }),
  },
  {
    name: 'who waits no more is still let in',
    of: ['runs'],
    laws: [HELD],
    apply: instead(Lobby, 'withdraw', () => nothing),
  },
  {
    name: 'who has begun keeps its place at the gate',
    of: ['steps'],
    laws: [HELD],
    apply: instead(Lobby, 'begun', () => nothing),
  },
  {
    name: 'a step that ends leaves its place taken',
    of: ['steps'],
    laws: [HELD],
    apply: instead(StepQueue, 'done', () => nothing),
  },
  {
    name: 'steps come under no limit',
    of: ['steps'],
    laws: [STEPS],
    apply: instead(StepQueue, 'push', was => {
      return function (this: StepQueue<unknown>, job, claim) {
        return was.call(this, job, new StepClaim(claim, claim.limits.slice(0, 2)))
      }
    }),
  },
  {
    name: 'steps come in the order in which they ask',
    of: ['steps'],
    laws: [ORDER],
    apply: instead(StepQueue, 'push', was => {
      return function (this: StepQueue<unknown>, job, claim) {
        return was.call(this, job, new StepClaim({ ...claim, run: '', rank: 0 }, claim.limits))
      }
    }),
  },
  {
    name: 'there is always room to wait',
    of: ['runs', 'backlog'],
    laws: [ROOM],
    apply: instead(Backlogs, 'isOver', () => () => false),
  },
  {
    name: 'there is never room to wait',
    of: ['runs', 'backlog'],
    laws: [ROOM],
    apply: instead(Backlogs, 'isOver', () => () => true),
  },
  {
    name: 'no alarm rings for those who wait for time',
    of: ['throttle'],
    laws: [HELD],
    apply: instead(Bell, 'ringAt', () => nothing),
  },
  {
    name: 'who gathers is forgotten over a crash',
    of: ['batchEvents'],
    laws: [REASON, LOST, GATHERED],
    apply: instead(Gatherers, 'begin', was => {
      return function (this: Gatherers, gathering) {
        // Only what was read from the journal has kept how it began.
        if (!('kind' in gathering)) was.call(this, gathering)
      }
    }),
  },
  {
    name: 'what a run has gathered is forgotten over a crash',
    of: ['debounce'],
    laws: [REASON, GATHERED, LOST, EVENTS],
    apply: instead(Gatherers, 'joined', () => nothing),
  },
  {
    name: 'who has begun still gathers',
    of: ['debounce'],
    laws: [REASON, LOST, GATHERED],
    apply: instead(Gatherers, 'end', () => nothing),
  },
  {
    name: 'what joins a run that is not in memory is lost',
    of: ['batchEvents'],
    laws: [EVENTS],
    apply: instead(Mailbag, 'add', was => {
      return function (this: Mailbag, run, mail) {
        if (mail.input.type !== 'run.joined') was.call(this, run, mail)
      }
    }),
  },
]
