import { type CronTrigger, cron, openEngine, workflow } from 'perdure'

export interface Shop {
  ordersUntil(moment: Date): number | Promise<number>
  mail(text: string): void | Promise<void>
}

/** Every weekday at nine in Paris. After a night of downtime one digest is sent, not many. */
export const weekdays = cron('0 9 * * 1-5', {
  tz: 'Europe/Paris',
  missed: 'last',
  overlap: 'skip',
  data: { list: 'sales' },
})

/** Mails how many orders there were. The time that counts is the one that the schedule says. */
export const digest = (shop: Shop, when: CronTrigger<{ list: string }> = weekdays) =>
  workflow({ id: 'digest', triggers: when }, async ({ event, step }) => {
    // Started by hand there is no schedule to ask.
    const { at, list } =
      event.name === 'perdure/cron'
        ? { at: event.data.at, list: event.data.data.list }
        : { at: step.now(), list: 'test' }
    const orders = await step.run('count', () => shop.ordersUntil(at))
    await step.run('mail', () => shop.mail(`${list}: ${orders} orders`))
    return { at, orders }
  })

if (process.argv[1] === import.meta.filename) {
  const shop: Shop = { ordersUntil: () => 3, mail: text => console.log(text) }
  // Six fields: every second, for those who do not want to wait until nine.
  const often = digest(shop, cron('* * * * * *', { data: { list: 'eu' } }))
  await using engine = await openEngine({ path: ':memory:', workflows: [often] })

  // What is in no code is made at run time. It stays until it is deleted, at later openings as well.
  await engine.schedules.create({ id: 'nightly', cron: '@daily', workflow: often })
  for await (const { id, cron, source } of engine.schedules.list()) console.log(id, cron, source)

  let left = 2
  for await (const { type } of engine.subscribe()) {
    if (type === 'run.completed' && --left === 0) break
  }
}
