import { changedRecord } from './changed.ts'
import { codeRecord } from './code.ts'
import { doctorRecord } from './doctor.ts'
import { entryRecord } from './entry.ts'
import { errorRecord } from './error.ts'
import { listRecord } from './list.ts'
import { resultRecord } from './result.ts'
import { runRecord } from './run.ts'
import { runDetailRecord } from './run-detail.ts'
import { scheduleRecord } from './schedule.ts'
import { collectedRecord, sentRecord, signalledRecord, startedRecord } from './sent.ts'
import { statsRecord } from './stats.ts'
import { timerRecord } from './timer.ts'
import { waitRecord } from './wait.ts'
import { whyRecord } from './why.ts'

/** All records that commands print. */
export const records = [
  runRecord,
  runDetailRecord,
  entryRecord,
  timerRecord,
  waitRecord,
  scheduleRecord,
  whyRecord,
  statsRecord,
  sentRecord,
  startedRecord,
  signalledRecord,
  changedRecord,
  resultRecord,
  collectedRecord,
  codeRecord,
  doctorRecord,
  listRecord,
  errorRecord,
] as const
