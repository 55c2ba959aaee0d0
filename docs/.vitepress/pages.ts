/**
 * All pages of the site, in the order of its sidebar: for the sidebar, and for llms.txt. A page that
 * is not here is not found by anybody, so a test compares this list with the folder.
 */
export interface Page {
  /** The path of the file below `docs`, or of a folder: then all pages in it. */
  readonly path: string
  readonly title: string
  /** What it tells, in one line. */
  readonly about: string
}

export interface Part {
  readonly title: string
  readonly pages: readonly Page[]
}

const page = (path: string, title: string, about: string): Page => ({ path, title, about })

export const parts: readonly Part[] = [
  {
    title: 'Tutorial',
    pages: [
      page(
        'tutorial/first-run.md',
        'A first workflow',
        'install, run, kill the process, see the run finish',
      ),
      page('tutorial/look-inside.md', 'Look inside', 'what the journal says of a run'),
      page('tutorial/test-it.md', 'Test it', 'virtual time, crashes on purpose, all orders'),
    ],
  },
  {
    title: 'Guides',
    pages: [
      page('guides/steps.md', 'Steps and retries', 'what goes into a step, and what if it fails'),
      page(
        'guides/waiting.md',
        'Sleeping and waiting',
        'sleeps, events, signals, whatever is first',
      ),
      page('guides/events.md', 'Events and triggers', 'start, resume and cancel runs by events'),
      page('guides/children.md', 'Children', 'workflows that run other workflows'),
      page('guides/cancellation.md', 'Cancelling and cleaning up', 'how a run ends before its end'),
      page('guides/schedules.md', 'Schedules', 'runs by the clock'),
      page('flow-control/README.md', 'Flow control', 'how many, how often, in which order'),
      page('flow-control/', 'Policies of flow control', 'one page for each'),
      page('guides/deploying.md', 'Deploying new code', 'what becomes of runs that are under way'),
      page(
        'guides/operating.md',
        'Operating',
        'backups, verifying, retention, the socket, trouble',
      ),
      page('guides/secrets.md', 'Secrets', 'what is masked where, and what is not'),
      page('testing.md', 'Testing', 'one way by hand, and all the others by machine'),
      page('guides/frameworks.md', 'In your application', 'Next.js, Express, workers, scripts'),
      page('guides/migrating.md', 'Coming from a service', 'what is called what, and what differs'),
    ],
  },
  {
    title: 'Reference',
    pages: [
      page('reference/options.md', 'Options and limits', 'all options and defaults in one place'),
      page(
        'reference/values.md',
        'Values, durations, ids',
        'what can be stored, and how it is written',
      ),
      page('reference/api/', 'API', 'all that the package exports'),
      page('cli.md', 'Command line', 'all commands and flags'),
      page('errors.md', 'Errors', 'all codes'),
      page('errors/', 'Errors, one by one', 'a bad and a good example for each code'),
      page('behaviours.md', 'Behaviours', 'what happens, case by case, and the test that shows it'),
      page('dump-format.md', 'Dump format', 'what `perdure dump --json` prints'),
      page('journal-format.md', 'Journal format', 'what lies on disk'),
    ],
  },
  {
    title: 'Explanation',
    pages: [
      page('explanation/replay.md', 'How replay works', 'why code runs again, and what follows'),
      page('guarantees.md', 'Guarantees', 'what may be relied on, how it is kept, where it ends'),
      page('compatibility.md', 'Compatibility', 'which changes of code fit the runs there are'),
      page('architecture.md', 'Architecture', 'the parts, and who calls whom'),
      page('adr/', 'Decisions', 'why it is as it is'),
    ],
  },
]
