const PAGE = 256
/** What is kept in memory of a list at a time, where its items are heavy. */
export const PAGE_BYTES = 1 << 20

/** The same, so many at a time: a promise an item would cost more than reading it. */
export async function* inPages<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  weigh: (item: Item) => number = () => 0,
): AsyncGenerator<readonly Item[]> {
  let page: Item[] = []
  let weight = 0
  for await (const item of items) {
    page.push(item)
    weight += weigh(item)
    if (page.length < PAGE && weight < PAGE_BYTES) continue
    yield page
    page = []
    weight = 0
  }
  if (page.length > 0) yield page
}
