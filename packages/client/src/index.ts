export type { AdditionListener, AttachmentReceipt } from './after-export.ts'
export type { AttachmentOptions } from './attachment-source.ts'
export type { ClientSecretOptions, SmartBackendServicesOptions } from './auth.ts'
export { type AuthMethod, authFromReference, basicAuth, bearerToken, clientSecret, smartBackendServices } from './auth.ts'
export type { CancelResult } from './cancel.ts'
export { BulkClient } from './client.ts'
export { BulkError, type BulkErrorCode, type BulkErrorOptions, type ExitCode, exitCodes } from './errors.ts'
export type { EventDetails, EventId, ExportCallbacks, ExportEvent } from './events.ts'
export type { AuthReference, StoredAdditions } from './folder/state.ts'
export { keepMembers, keptMembers, type MembersSince } from './group-members.ts'
export { type HydrateOptions, type HydrateReceipt, type HydrationTask, hydrationTasks } from './hydrate.ts'
export { type Jwks, type KeyAlgorithm, type NewKeysOptions, newKeys, publicJwks } from './keys.ts'
export { exportUrl, type ParsedExportUrl, parseExportUrl } from './parameters.ts'
export type { PublishedEvent, PublishedOptions } from './publish.ts'
export { resolveSecret } from './secrets.ts'
export type { DownloadItemOptions } from './single.ts'
export { BulkSubmission, type Cohort, type MadeCohort, type SubmissionIdentity, type SubmittedManifest } from './submission.ts'
export type { Timing } from './timing.ts'
export type {
  BulkClientOptions,
  Compression,
  ExportedFile,
  ExportLevel,
  ExportOptions,
  ExportReceipt,
  ExportRequest,
  ItemType,
  Job,
  JobStatus,
  ManifestItem,
  Outcome,
  OutputManifest,
  ResumeOptions,
  TransferOptions,
} from './types.ts'
export { detectVendor, type VendorId, type VendorProfile, vendors } from './vendors.ts'
