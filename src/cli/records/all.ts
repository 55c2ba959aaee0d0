import { changedRecord } from './changed.ts'
import { codeRecord } from './code.ts'
import { compatibilityRecord } from './compatibility.ts'
import { diffRecord } from './diff.ts'
import { doctorRecord } from './doctor.ts'
import { entryRecord } from './entry.ts'
import { errorRecord } from './error.ts'
import { graphRecord, statechartRecord } from './graph.ts'
import { listRecord } from './list.ts'
import { loadedRecord, salvagedRecord } from './loaded.ts'
import { resultRecord } from './result.ts'
import { runRecord } from './run.ts'
import { runDetailRecord } from './run-detail.ts'
import { scheduleRecord } from './schedule.ts'
import { collectedRecord, sentRecord, signalledRecord, startedRecord } from './sent.ts'
import { statsRecord } from './stats.ts'
import { stepDetailRecord } from './step-detail.ts'
import { timerRecord } from './timer.ts'
import { findingRecord, verificationRecord } from './verification.ts'
import { waitRecord } from './wait.ts'
import { whyRecord } from './why.ts'

/** All records that commands print. */
export const records = [
  runRecord,
  runDetailRecord,
  stepDetailRecord,
  entryRecord,
  timerRecord,
  waitRecord,
  scheduleRecord,
  whyRecord,
  statsRecord,
  diffRecord,
  graphRecord,
  statechartRecord,
  sentRecord,
  startedRecord,
  signalledRecord,
  changedRecord,
  resultRecord,
  collectedRecord,
  findingRecord,
  verificationRecord,
  compatibilityRecord,
  loadedRecord,
  salvagedRecord,
  codeRecord,
  doctorRecord,
  listRecord,
  errorRecord,
] as const
