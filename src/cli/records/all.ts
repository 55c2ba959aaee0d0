import { changedRecord } from './changed.ts'
import { compatibilityRecord } from './compatibility.ts'
import { diffRecord } from './diff.ts'
import { doctorRecord } from './doctor.ts'
import { entryRecord } from './entry.ts'
import { errorRecord } from './error.ts'
import { graphRecord, statechartRecord } from './graph.ts'
import { listRecord } from './list.ts'
import { resultRecord } from './result.ts'
import { runRecord } from './run.ts'
import { scheduleRecord } from './schedule.ts'
import { collectedRecord, sentRecord, signalledRecord, startedRecord } from './sent.ts'
import { statsRecord } from './stats.ts'
import { timerRecord } from './timer.ts'
import { waitRecord } from './wait.ts'
import { whyRecord } from './why.ts'
import { loadedRecord, salvagedRecord } from './loaded.ts'
import { findingRecord, verificationRecord } from './verification.ts'

/** All records that commands print, by their kind. */
export const records = {
  run: runRecord,
  entry: entryRecord,
  why: whyRecord,
  timer: timerRecord,
  wait: waitRecord,
  schedule: scheduleRecord,
  stats: statsRecord,
  sent: sentRecord,
  started: startedRecord,
  signalled: signalledRecord,
  changed: changedRecord,
  result: resultRecord,
  collected: collectedRecord,
  diff: diffRecord,
  graph: graphRecord,
  statechart: statechartRecord,
  finding: findingRecord,
  verification: verificationRecord,
  compatibility: compatibilityRecord,
  loaded: loadedRecord,
  salvaged: salvagedRecord,
  doctor: doctorRecord,
  list: listRecord,
  error: errorRecord,
}
