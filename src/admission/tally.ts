/** Counts one more, or fewer, under an id; what comes to nothing is forgotten. */
export function add(counts: Map<string, number>, id: string, by: number): void {
  const count = (counts.get(id) ?? 0) + by
  if (count === 0) counts.delete(id)
  else counts.set(id, count)
}
