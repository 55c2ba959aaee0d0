/**
 * `perdure/journal`: the facts on disk without the engine. Read a journal with `openReader` (also
 * beside a running engine), check it with `verifyDirectory`, take it elsewhere with `dump` and
 * `load`, or keep it on a store of your own.
 *
 * @module perdure/journal
 */
export { decodeValue } from './codec/decode.ts'
export { encodeValue } from './codec/encode.ts'
export { fromTaggedJson, toTaggedJson } from './codec/json.ts'
export type { Commit } from './commit.ts'
export type { DumpHeader } from './dump/header.ts'
export type { DumpPieces } from './dump/lines.ts'
export { type Dumpable, type DumpOptions, dump } from './dump.ts'
export type { Command, Entry, Input, Record } from './entry.ts'
export { JournalError, type JournalErrorCode, PerdureError } from './error.ts'
export type { Head } from './head.ts'
export type { Journal } from './journal.ts'
export type { KeyRange } from './keys.ts'
export type { RunStatus } from './lifecycle.ts'
export {
  type Loaded,
  type LoadedReader,
  type LoadOptions,
  load,
  loadInMemory,
  type ReadDumpOptions,
} from './load.ts'
export type { Durability, Meta } from './meta.ts'
export { type OpenedJournal, type OpenJournalOptions, openJournal, openOn } from './open.ts'
export { type OpenedReader, openReader } from './open-reader.ts'
export type { JournalReader, StoredRecord } from './reader.ts'
export type {
  CutRun,
  FileDamage,
  Kept,
  KeptRows,
  OnSalvage,
  Salvaged,
  SalvageProgress,
} from './salvage/report.ts'
export { type SalvageOptions, salvage } from './salvage.ts'
export type { ScanOptions, Store, StoreBatch, StoreEntry } from './store.ts'
export { type Verified, type VerifyOptions, verify } from './verify.ts'
export { verifyDirectory } from './verify-directory.ts'
export type { Finding } from './verify-report.ts'
export type { CopyOptions } from './working-copy.ts'
