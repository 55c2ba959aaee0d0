/** Makes the ids of a run's steps unique: the second `charge` is `charge:1`, the third `charge:2`. */
export class Occurrences {
  // How often each id was asked for. An id given out counts too, so that a user's own `charge:1`
  // does not meet the second `charge`.
  readonly #counts = new Map<string, number>()

  next(id: string): string {
    const { given, count } = this.#next(id)
    this.#counts.set(id, count)
    if (given !== id) this.#counts.set(given, 1)
    return given
  }

  /** What `next` would give. */
  peek(id: string): string {
    return this.#next(id).given
  }

  #next(id: string): { readonly given: string; readonly count: number } {
    let count = this.#counts.get(id)
    if (count === undefined) return { given: id, count: 1 }
    let given: string
    do given = `${id}:${count++}`
    while (this.#counts.has(given))
    return { given, count }
  }
}
