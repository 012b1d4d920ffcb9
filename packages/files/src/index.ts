/**
 * @arcface/files: files of this machine (Node).
 *
 * In: paths, bytes, rows. Out: files that are written whole or not at all, bytes that are surely of a file and no longer
 * than announced, locks between processes, members of archives, rows of tables, configurations in YAML. What is opened
 * belongs to whoever opened it, until it is closed or disposed of. Errors are `FilesError`s with a code. Knows nothing of
 * faces.
 */
import './node.js'

export { extractZip } from './archive/extract-zip.js'
export type { Wanted } from './archive/member.js'
export { extractTgz } from './archive/tar.js'
export { ZipArchive } from './archive/zip-archive.js'
export { StoredZip, type ZipSink } from './archive/zip-write.js'
export { digestOf, digestOfSync, verifyChecksum } from './checksum.js'
export { bareSchema, explainIssues } from './config/explain.js'
export { override, readYaml } from './config/read.js'
export { type Fail, parseYaml, setIn } from './config/yaml.js'
export {
  FilesError,
  type FilesErrorCode,
  filesErrors,
  isDiskFull,
  messageOf,
  unreadable,
  unwritable,
} from './errors.js'
export { firstNames } from './first-names.js'
export { holderOf } from './lock/holder.js'
export { Lock, type LockOptions } from './lock/lock.js'
export { isRunning, markOf, type ProcessMark } from './lock/process.js'
export { Cursor } from './read/cursor.js'
export { firstLine, forEachLine } from './read/lines.js'
export { InputFile, readWhole } from './read/read.js'
export {
  checkRegular,
  openRegular,
  openRegularAsync,
  readRegular,
  readText,
  streamRegular,
} from './read/regular.js'
export {
  arrayOver,
  type Dtype,
  itemSize,
  type TypedArray,
} from './safetensors/dtype.js'
export {
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors/header.js'
export { safetensorsHead } from './safetensors/layout.js'
export { jsonLines } from './tables/json-lines.js'
export { npyRows } from './tables/npy.js'
export { type Column, parquetRows } from './tables/parquet.js'
export { readJsonLines } from './tables/read-json-lines.js'
export { readParquet } from './tables/read-parquet.js'
export { readTable, type TableRow } from './tables/read-table.js'
export type { Sink } from './tables/sink.js'
export { workerFile } from './worker-file.js'
export { makeFolder, syncFolder } from './write/folder.js'
export { fittingName } from './write/name.js'
export { liesWithin } from './write/within.js'
export { copyWhole, OutputFile, type OutputOptions, writeWhole } from './write/write.js'
