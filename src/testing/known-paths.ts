import { type Source, within } from './choices.ts'

/** A schedule that differs from all before, on its way. */
export interface Walk {
  /** Answers as the source that it was drawn from. */
  readonly source: Source
  /** It has come to its end, and nothing was wrong. */
  end(): void
}

/** What was asked at one point of a schedule. */
interface Question {
  readonly stream: string
  readonly n: number
  readonly labels: readonly string[] | undefined
}

/** A question, and what came after each answer to it. */
interface Fork extends Question {
  readonly ways: Map<number, Fork | 'end'>
}

/** Questions that are remembered. A schedule that asks more of them is run however often it is drawn. */
const MOST = 100_000

/**
 * Schedules that were gone through, as a tree of what was asked and answered. After the same answers
 * comes the same question: what a source would decide can be drawn from it without running
 * anything, as long as others have been there before.
 */
export class KnownPaths {
  #first: Fork | 'end' | undefined
  #size = 0

  /** Undefined if what the source decides has been gone through, from the first to the last. */
  leave(source: Source): Walk | undefined {
    const asked: Fork[] = []
    const drawn: number[] = []
    const counts = new Map<string, number>()
    let at = this.#first
    while (typeof at === 'object') {
      const { stream, n, labels, ways } = at
      const count = counts.get(stream) ?? 0
      counts.set(stream, count + 1)
      const value = within(source(stream, count, n, labels), n)
      asked.push(at)
      drawn.push(value)
      at = ways.get(value)
    }
    return at === 'end' ? undefined : this.#walk(source, asked, drawn)
  }

  // What was drawn in advance is not drawn again: many sources say something else the second time.
  #walk(source: Source, asked: readonly Fork[], drawn: readonly number[]): Walk {
    const questions: Question[] = []
    const values: number[] = []
    let isSame = true
    return {
      source: (stream, count, n, labels) => {
        const place = values.length
        const before = asked[place]
        isSame &&= before === undefined || (before.stream === stream && before.n === n)
        const known = isSame ? drawn[place] : undefined
        const value = known ?? within(source(stream, count, n, labels), n)
        questions.push({ stream, n, labels })
        values.push(value)
        return value
      },
      end: () => {
        if (isSame) this.#remember(questions, values)
      },
    }
  }

  #remember(questions: readonly Question[], values: readonly number[]): void {
    if (this.#size + questions.length > MOST) return
    let next: Fork | 'end' = 'end'
    let place = questions.length
    const last = this.#known(questions, values)
    for (; place > last.length; place--) {
      const ways: Fork['ways'] = new Map([[values[place - 1] as number, next]])
      const { stream, n, labels } = questions[place - 1] as Question
      next = { stream, n, labels, ways }
      this.#size++
    }
    const fork = last.at(-1)
    if (fork === undefined) this.#first = next
    else fork.ways.set(values[place - 1] as number, next)
  }

  /** The questions that were asked before, after the same answers. */
  #known(questions: readonly Question[], values: readonly number[]): readonly Fork[] {
    const known: Fork[] = []
    let at = this.#first
    while (typeof at === 'object' && known.length < questions.length) {
      known.push(at)
      at = at.ways.get(values[known.length - 1] as number)
    }
    return known
  }
}
