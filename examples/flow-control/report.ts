import { event } from 'perdure'
import { z } from 'zod'

/** Somebody asks for a report. */
export const asked = event('report/asked', z.object({ who: z.string(), name: z.string() }))
