import * as z from 'zod'

/** Within a version, properties are only added. */
export const VERSION = 1

export const version = z.literal(VERSION)
/** ISO 8601 in UTC, with milliseconds. */
export const time = z.iso.datetime({ precision: 3 }).or(z.string().regex(/^-?[\d.e+]+ms$/))
/** A value of a user: JSON, with tags for what JSON cannot say (docs/journal-format.md). */
export const value = z.json()
