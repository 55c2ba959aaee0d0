import { event } from 'perdure'
import { z } from 'zod'

export const signedUp = event(
  'app/user.signup',
  z.object({
    userId: z.string(),
    email: z.email(),
    plan: z.enum(['free', 'pro']),
    address: z.object({ city: z.string(), zip: z.number() }).optional(),
  }),
)

export const completed = event(
  'app/user.profile.completed',
  z.object({
    userId: z.string(),
    address: z.object({ city: z.string() }),
    at: z.iso.datetime().transform(text => new Date(text)),
  }),
)

export const deleted = event('app/user.deleted', z.object({ userId: z.string() }))

export const paid = event('shop/paid', z.object({ orderId: z.string(), cents: z.number() }))

export const ping = event('app/ping')
