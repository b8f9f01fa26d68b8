export { makeFolder, syncFolder, writeFileAtomic } from './folder/durable.ts'
export { type ExportLogEntry, readExportLog } from './folder/log.ts'
export { compressionSuffix, FileNamer, folderNames, manifestName, partSuffix, safeType } from './folder/names.ts'
export {
  type AuthReference,
  type ExportPhase,
  type ExportState,
  type FileDone,
  type FileState,
  readState,
  type StoredOptions,
  type StoredRequest,
  writeState,
} from './folder/state.ts'
