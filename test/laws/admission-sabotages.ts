import type { Sabotage } from './sabotages.ts'

const HOLDERS = 'a limit has no more holders than it allows'
const ONE_GATHERS = 'one run gathers for a key'
const GATHERS = 'a run that gathers begins with all that was sent to it'
const GETS = 'a run gathers what came for it, each once and in order'
const LANE = 'in a lane runs are let in by rank and place'
const THROTTLE = 'a throttle lets no more begin than it allows'
const CONSERVING = 'at rest nobody waits to begin whom nothing holds up'
const RATE = 'no more runs are accepted than a rate allows, and one for each key'
const STARTS = 'an event starts what it is to start, each once'

const ROWS = 'who waits, holds and gathers has a row that says so'
const COPY = 'another engine on a copy shows the same, and writes nothing but its epoch'

/** Those that break limits, and what is gathered. */
export const admissionSabotages: readonly Sabotage[] = (
  [
    {
      name: 'a limit on runs lets one more in',
      file: 'src/admission/limits.ts',
      find: 'this.#holders.count(id) < most ?',
      replace: 'this.#holders.count(id) <= most ?',
      laws: [HOLDERS],
    },
    {
      name: 'who holds what is forgotten when the engine opens',
      file: 'src/engine/census.ts',
      find: "if (held.kind === 'slot') lobby.holders.hold(held.run, held.holds)",
      replace: "if (held.kind === 'slot') void lobby.holders",
      laws: [HOLDERS],
    },
    {
      name: 'a limit on steps lets one more execute',
      file: 'src/admission/step-limit.ts',
      find: '(this.#executing.get(this.id) ?? 0) >= this.#most',
      replace: '(this.#executing.get(this.id) ?? 0) > this.#most',
      laws: ['no more steps execute under a limit than it allows'],
    },
    {
      name: 'who ends lets nobody else in',
      file: 'src/admission/lobby.ts',
      find: '    for (const id of holds) this.freed(id)\n',
      replace: '    void holds\n',
      laws: [CONSERVING],
    },
    {
      name: 'nobody looks when it is time for the next',
      file: 'src/engine/usher.ts',
      find: 'this.#bell.ringAt(this.#host.admission.lobby.wakeAt)',
      replace: 'this.#bell.ringAt(undefined)',
      laws: [CONSERVING],
    },
    {
      name: 'a throttle forgets when the engine opens',
      file: 'src/engine/census.ts',
      find: 'for (const { id, body, check } of this.#limits) marks.recall(id, body, check)',
      replace:
        "for (const { id, body, check } of this.#limits) if (!id.includes('thro')) marks.recall(id, body, check)",
      laws: [COPY, THROTTLE, 'what is remembered of a limit never goes back'],
    },
    {
      name: 'a throttle has no memory',
      file: 'src/admission/limits.ts',
      find: 'take: now => this.#marks.set(id, take(state(), rule, now)),',
      replace: 'take: now => this.#marks.set(id, take(undefined, rule, now)),',
      laws: [THROTTLE, 'what is remembered of a limit never goes back'],
    },
    {
      name: 'what is let in does not write what it used up',
      file: 'src/engine/admission-parts.ts',
      find: `          const runs = choose(group)
          this.reception.write(group)`,
      replace: '          const runs = choose(group)',
      laws: ['a throttled run begins in the write that says so'],
    },
    {
      name: 'in a lane the last goes first',
      file: 'src/admission/lane.ts',
      find: 'return a.place < b.place',
      replace: 'return a.place > b.place',
      laws: [LANE],
    },
    {
      name: 'priority does not count',
      file: 'src/admission/window.ts',
      find: 'if (isBefore(this.#items[middle]!, item)) low',
      replace: 'if (this.#items[middle]!.place < item.place) low',
      laws: [LANE],
    },
    {
      name: 'what a run gathers is lost when it leaves memory',
      file: 'src/engine/parts.ts',
      find: 'keep: (run, mail) => this.events.mailbag.add(run, mail)',
      replace: 'keep: () => {}',
      laws: [GATHERS],
    },
    {
      name: 'of what a run gathers the first is lost',
      file: 'src/engine/arrivals.ts',
      find: 'const events = mails.flatMap(eventsOf)',
      replace: 'const events = mails.slice(1).flatMap(eventsOf)',
      laws: [GETS],
    },
    {
      name: 'what joined is not taken out of the inbox',
      file: 'src/engine/arrivals.ts',
      find: `    const mails = run.gathered.splice(0)
    for (const { posted } of mails) if (posted !== undefined) group.take(run.id, posted)
    const events`,
      replace: `    const mails = run.gathered.splice(0)
    void group
    const events`,
      laws: [GETS, GATHERS],
    },
    {
      name: 'what joins a batch is not written',
      file: 'src/engine/inboxes.ts',
      find: 'this.#put(run, { input, posted: group.post(run, input as PostedInput) })',
      replace: 'this.#put(run, { input })',
      laws: [STARTS, GETS],
    },
    {
      name: 'who gathers is forgotten when the engine opens',
      file: 'src/engine/census.ts',
      find: 'else if (!over.has(held.run)) gathering.push(held)',
      replace: 'else over.has(held.run)',
      laws: [ONE_GATHERS],
    },
    {
      name: 'a rate lets all in',
      file: 'src/admission/rationed.ts',
      find: "if (rated?.decision.kind === 'refuse') return",
      replace: "if (rated?.decision.kind === 'refuse' && request.run === '') return",
      laws: [RATE],
    },
    {
      name: 'a key that has had its run has another',
      file: 'src/admission/rationed.ts',
      find: "if (first?.decision.kind === 'refuse') {",
      replace: "if (first?.decision.kind === 'refuse' && first.decision.by === '') {",
      laws: [RATE],
    },
    {
      name: 'two of a kind may run',
      file: 'src/admission/singleton.ts',
      find: "return { state, decision: { kind: 'skip', by: state.holder } }",
      replace: "return { state, decision: { kind: 'admit' } }",
      laws: [HOLDERS],
    },
    {
      name: 'a run that waits keeps its row when it has begun',
      file: 'journal/apply-admission.ts',
      find: `    settle(ledger, seq)
    const { holds } = what`,
      replace: '    const { holds } = what',
      laws: [ROWS, 'a run waits for one thing before it begins'],
    },
    {
      name: 'a run that has begun holds nothing',
      file: 'journal/apply-admission.ts',
      find: 'if (holds.length > 0) begin(ledger',
      replace: 'if (holds.length > 9) begin(ledger',
      laws: [CONSERVING, HOLDERS],
    },
    {
      name: 'rows of who waits stay',
      file: 'journal/row-writer.ts',
      find: 'if (row !== undefined) this.#setRow(op',
      replace:
        "if (row !== undefined && (op === 'opened' || what.kind !== 'queue')) this.#setRow(op",
      laws: [ROWS],
    },
  ] as const
).map(sabotage => ({ focus: 'flow', ...sabotage }))
