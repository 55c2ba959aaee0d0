import { doctorRecord } from './doctor.ts'
import { errorRecord } from './error.ts'
import { listRecord } from './list.ts'
import { runRecord } from './run.ts'

/** All records that commands print, by their kind. */
export const records = {
  run: runRecord,
  doctor: doctorRecord,
  list: listRecord,
  error: errorRecord,
}
