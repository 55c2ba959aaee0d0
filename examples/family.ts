import { NonRetriableError, openEngine, StepError, type WorkflowContext, workflow } from 'perdure'

export interface Chapter {
  readonly title: string
  readonly pages: number
}

/** The child: a workflow like any other, with steps and retries of its own. */
export const translate = workflow(
  { id: 'translate' },
  async ({ event, step }: WorkflowContext<Chapter>) => {
    const { title, pages } = event.data
    if (pages === 0) throw new NonRetriableError(`'${title}' is empty`)
    for (let page = 1; page <= pages; page++) await step.run('page', () => `${title}, page ${page}`)
    return pages
  },
)

/** The parent: its children run at the same time, and one that fails does not spoil the book. */
export const book = workflow(
  { id: 'book' },
  async ({ event, step }: WorkflowContext<Chapter[]>) => {
    const chapters = event.data.map(async chapter => {
      try {
        // Fails after an hour, and the child goes on; if this run is cancelled, the child is too.
        const pages = await step.invoke(chapter.title, {
          workflow: translate,
          data: chapter,
          timeout: '1h',
        })
        return `${chapter.title}: ${pages} pages`
      } catch (error) {
        if (!(error instanceof StepError)) throw error
        return `${chapter.title}: ${error.message}`
      }
    })
    return Promise.all(chapters)
  },
)

if (process.argv[1] === import.meta.filename) {
  await using engine = await openEngine({ path: ':memory:', workflows: [book, translate] })
  const run = await engine.start(book, [
    { title: 'Loomings', pages: 3 },
    { title: 'Epilogue', pages: 0 },
    { title: 'The Whiteness', pages: 7 },
  ])
  for (const line of await run.result()) console.log(line)
}
