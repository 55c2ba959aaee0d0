/** Makes the ids of a run's steps unique: the second `charge` is `charge:1`, the third `charge:2`. */
export class Occurrences {
  // How often each id was asked for. An id given out counts too, so that a user's own `charge:1`
  // does not meet the second `charge`.
  readonly #counts = new Map<string, number>()

  next(id: string): string {
    let count = this.#counts.get(id)
    if (count === undefined) {
      this.#counts.set(id, 1)
      return id
    }
    let numbered: string
    do numbered = `${id}:${count++}`
    while (this.#counts.has(numbered))
    this.#counts.set(id, count)
    this.#counts.set(numbered, 1)
    return numbered
  }
}
