import { compatibilityRecord } from './compatibility.ts'
import { diffRecord } from './diff.ts'
import { doctorRecord } from './doctor.ts'
import { errorRecord } from './error.ts'
import { graphRecord, statechartRecord } from './graph.ts'
import { listRecord } from './list.ts'
import { loadedRecord, salvagedRecord } from './loaded.ts'
import { runRecord } from './run.ts'
import { findingRecord, verificationRecord } from './verification.ts'

/** All records that commands print, by their kind. */
export const records = {
  run: runRecord,
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
