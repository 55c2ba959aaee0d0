import type { Sabotage } from './sabotages.ts'

/** Those that break the journal. */
export const journalSabotages: readonly Sabotage[] = [
  {
    name: 'an ended run keeps its timers',
    file: 'journal/apply-entry.ts',
    find: '  for (const seq of ledger.open.keys()) settle(ledger, seq)\n',
    replace: '',
    laws: ['a result is what the journal says', 'a run that has ended has nothing open'],
  },
  {
    name: 'an opening takes no new epoch',
    file: 'journal/start.ts',
    find: 'epoch: tip.epoch + 1',
    replace: 'epoch: tip.epoch',
    laws: [
      'another engine on a copy shows the same, and writes nothing but its epoch',
      'each opening has the next epoch, and seals with it all that it writes',
    ],
  },
  {
    name: 'time away is not counted',
    file: 'journal/start.ts',
    find: 'elapsed: tip.elapsed + away',
    replace: 'elapsed: tip.elapsed',
    laws: ['recorded elapsed time is the time that passed'],
  },
  {
    name: 'commits are not chained',
    file: 'journal/group.ts',
    find: 'prev: chain,',
    replace: 'prev: Buffer.alloc(0),',
    laws: ['commits are dense, and each carries the hash of the one before'],
  },
  {
    name: 'records are not linked',
    file: 'journal/group.ts',
    find: 'ledger.link = sealed.check',
    replace: 'ledger.link = 0',
    laws: [
      'a head says what the records of its run add up to',
      'the records of a run are dense and linked',
    ],
  },
  {
    name: 'a commit does not list its records',
    file: 'journal/group.ts',
    find: '    this.#records.push([run, seq, sealed.check])\n',
    replace: '',
    laws: ['a commit lists every record that it holds'],
  },
  {
    name: 'numbers in keys are not padded',
    file: 'journal/keys.ts',
    find: 'const narrow = (n: number): string => padded(String(n), 10)',
    replace: 'const narrow = (n: number): string => padded(String(n), 1)',
    laws: ['every run ends once the faults stop', 'the records of a run are dense and linked'],
  },
  {
    name: 'a head lags behind its run',
    file: 'journal/row-writer.ts',
    find: '    this.#setHead(ledger, head)\n',
    replace: '    if (ledger.last === 0 || ledger.outcome) this.#setHead(ledger, head)\n',
    laws: ['a head says what the records of its run add up to'],
  },
  {
    name: 'an ended run stays among the active',
    file: 'journal/row-writer.ts',
    find: '      this.#batch.del(active)\n',
    replace: '',
    laws: ['the indexes are the journal seen another way'],
  },
  {
    name: 'the digest of the timers is not kept',
    file: 'journal/row-writer.ts',
    find: '      dropKey(digest, key)\n',
    replace: '      if (digest !== this.#tip.timers) dropKey(digest, key)\n',
    laws: ['a commit states the digests of the indexes as they are with it'],
  },
  {
    name: 'a cancellation closes what is shielded too',
    file: 'journal/apply-entry.ts',
    find: 'if (!what.shielded) settle(ledger, what.seq)',
    replace: 'settle(ledger, what.seq)',
    laws: ['every run ends once the faults stop'],
  },
]
