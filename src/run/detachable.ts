/**
 * Makes the methods of a prototype work without the object they were taken out of, as in
 * `const { run } = step`. Each is bound when it is first looked up, and kept with its object: an
 * object costs what is used of it. `isOwner` knows objects that the methods can work on; one that
 * has such an object as its prototype is bound to that.
 */
export function makeDetachable(prototype: object, isOwner: (value: object) => boolean): void {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const method: unknown = property.value
    if (name === 'constructor' || typeof method !== 'function') continue
    Object.defineProperty(prototype, name, {
      get(this: object) {
        const owner = ownerOf(this, isOwner)
        if (owner === undefined) return method
        return keep(owner, name, method.bind(owner))
      },
      // As of a method: who assigns to it means this object only.
      set(this: object, value: unknown) {
        keep(this, name, value)
      },
    })
  }
}

function ownerOf(found: object, isOwner: (value: object) => boolean): object | undefined {
  let at: object | null = found
  while (at !== null && !isOwner(at)) at = Object.getPrototypeOf(at)
  return at ?? undefined
}

function keep(owner: object, name: string, value: unknown): unknown {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true })
  return value
}
