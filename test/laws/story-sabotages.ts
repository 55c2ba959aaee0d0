import type { Sabotage } from './sabotages.ts'

/** What shows where several workflows share limits, and one of them is deployed anew. */
export const storySabotages: readonly Sabotage[] = [
  {
    name: 'of two limits with one key the first gives both their number',
    file: 'src/admission/rulebook.ts',
    find: '(exact ?? ofKey[0] ?? rules[0])',
    replace: '(ofKey[0] ?? rules[0])',
    program: '../flow-stories/child.ts',
    laws: ['so many steps at once', 'so many runs at once', 'nothing waits while nothing holds it'],
  },
  {
    name: 'a step that waits for its key keeps runs of other keys from beginning',
    file: 'src/admission/step-queue.ts',
    find: 'if (this.#all.roomAt() === 0 && !this.#turnstile.hasNext(now)) return false',
    replace: '',
    program: '../flow-stories/child.ts',
    laws: ['nothing waits while nothing holds it'],
  },
  {
    name: 'a run that has no step keeps its place from those that share it',
    file: 'src/admission/lobby.ts',
    find: '      // Others may share it.\n      this.freed(id)\n',
    replace: '',
    program: '../flow-stories/child.ts',
    laws: ['nothing waits while nothing holds it'],
  },
  {
    name: 'starts at another pace count as if they had been at this one',
    file: 'src/admission/gcra.ts',
    find: 'return isSame ? pace',
    replace: 'return isSame || true ? pace',
    program: '../flow-stories/child.ts',
    laws: ['nothing waits while nothing holds it'],
  },
  {
    name: 'handlers of ends are held up and left out like other runs',
    file: 'src/engine/reception.ts',
    find: 'if (isHandler(workflow)) return NOTHING',
    replace: '',
    program: '../flow-stories/child.ts',
    laws: ['a handler is begun at once'],
  },
  {
    name: 'a drain leaves the children out of runs that it lets go on',
    file: 'src/admission/admission.ts',
    find: 'if (!isChild && this.#drains',
    replace: 'if (this.#drains',
    program: '../flow-stories/child.ts',
    laws: ['a drain takes children in'],
  },
]
