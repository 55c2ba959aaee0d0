import { codeRecord } from './code.ts'
import { doctorRecord } from './doctor.ts'
import { errorRecord } from './error.ts'
import { listRecord } from './list.ts'
import { runRecord } from './run.ts'

/** All records that commands print, by their kind. */
export const records = {
  run: runRecord,
  code: codeRecord,
  doctor: doctorRecord,
  list: listRecord,
  error: errorRecord,
}
