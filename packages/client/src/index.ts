export type { AdditionListener, AttachmentReceipt } from './additions/after-export.ts'
export type { AttachmentOptions } from './additions/attachment-source.ts'
export { type HydrateOptions, type HydrateReceipt, type HydrationTask, hydrationTasks } from './additions/hydrate.ts'
export type { ClientSecretOptions, SmartBackendServicesOptions } from './auth/auth.ts'
export { type AuthMethod, authFromReference, basicAuth, bearerToken, clientSecret, smartBackendServices } from './auth/auth.ts'
export { type Jwks, type KeyAlgorithm, type NewKeysOptions, newKeys, publicJwks } from './auth/keys.ts'
export { resolveSecret } from './auth/secrets.ts'
export { BulkClient } from './client.ts'
export { keepMembers, keptMembers, type MembersSince } from './crawl/group-members.ts'
export type { DownloadItemOptions } from './download/single.ts'
export { BulkError, type BulkErrorCode, type BulkErrorOptions, type ExitCode, exitCodes } from './errors.ts'
export type { EventDetails, EventId, ExportCallbacks, ExportEvent } from './events.ts'
export type { AuthReference, StoredAdditions } from './folder/state.ts'
export type { Timing } from './http/timing.ts'
export { detectVendor, type VendorId, type VendorProfile, vendors } from './http/vendors.ts'
export type { CancelResult } from './job/cancel.ts'
export { exportUrl, type ParsedExportUrl, parseExportUrl } from './job/parameters.ts'
export type { PublishedEvent, PublishedOptions } from './publish.ts'
export { BulkSubmission, type Cohort, type MadeCohort, type SubmissionIdentity, type SubmittedManifest } from './submission.ts'
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
