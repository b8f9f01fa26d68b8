import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import type { VendorId } from '../http/vendors.ts'
import type { Compression, ExportRequest, ItemType, TransferOptions } from '../types.ts'
import { writeFileAtomic } from './durable.ts'
import { folderNames } from './names.ts'

/** Where an export stands. `gone`: the server's job failed or vanished; `cancelled`: by us. */
export type ExportPhase = 'kickoff' | 'in-progress' | 'downloading' | 'complete' | 'gone' | 'cancelled'

/** One file of an export, from the time that it has a name. */
export interface FileState {
  /** Page, kind and place in the manifest: stays when links are refreshed. */
  key: string
  /** Short hash of the address without its query, to find the item again when a list has grown. */
  source: string
  itemType: ItemType
  type: string
  /** Relative to the folder, `/` between parts. */
  path: string
  count: number | null
  done: FileDone | null
  /** What an interrupted run left in the `.part` file, synced, and how to ask for the rest. */
  partial?: { bytes: number; validator: string; totalBytes: number | null } | undefined
}

/** What a file was when it was verified. */
export interface FileDone {
  bytes: number
  lines: number
  sha256: string
  contentBytes: number
  contentSha256: string | null
}

/** The request as kept in the state: an {@link ExportRequest} with times as text. */
export interface StoredRequest extends Omit<ExportRequest, 'since' | 'until'> {
  since?: string
  until?: string
}

/** How to authenticate again: identifiers and *references* of secrets (`env:NAME`, `file:PATH`), never a secret. */
export type AuthReference =
  | { kind: 'none' }
  | { kind: 'smart'; clientId: string; privateKey: string | null; kid?: string; scope?: string; tokenUrl?: string }
  | { kind: 'client-secret'; clientId: string; secret: string | null; scope?: string; tokenUrl?: string }
  | { kind: 'basic'; user: string; password: string | null }
  | { kind: 'bearer'; token: string | null }

/** `floe-export.json`: the state of one export, mode 0600 because it holds the status URL. */
export interface ExportState {
  format: 1
  exportId: string
  phase: ExportPhase
  fhirUrl: string
  request: StoredRequest
  auth: AuthReference
  trustOrigins: readonly string[]
  caFile: string | null
  /** The kind of server that was told; absent where its CapabilityStatement decides. */
  vendor?: VendorId
  compress: Compression
  options: StoredOptions
  startedAt: string
  finishedAt: string | null
  job: { statusUrl: string; kickedOffAt: string; deleted: boolean } | null
  transactionTime: string | null
  /** The kick-off's log row while it may not have reached the log. */
  pendingKickoff: Record<string, unknown> | null
  /** Number of manifest pages kept in the folder. */
  pages: number
  /** Whether the last page is among them. */
  manifestComplete: boolean
  files: readonly FileState[]
  /** 0 or 7 once complete. */
  exitCode: 0 | 7 | null
  /** When a kick-off was sent whose answer is not kept yet: written before it is sent, gone with the answer. */
  kickoffSentAt?: string | null
  /** What the caller wants to add once all files are there, for whoever takes the folder up. */
  additions?: StoredAdditions
  /** Which attachments are all here: mode, types and limit as they were asked for. */
  attached?: string
}

/** What is added to a finished export; kept so that a resumed export gets it, too. */
export interface StoredAdditions {
  attachments?: { mode: 'inline' | 'files'; mimeTypes?: readonly string[]; maxBytes?: number }
  /** Names of hydration tasks. */
  hydrate?: readonly string[]
  /** The export is an increment of a Group: those who came to it since get their whole history. */
  newMembers?: boolean
}

/** The options that a folder keeps; how it is compressed stands in the state itself. */
export type StoredOptions = Omit<TransferOptions, 'compress'>

/** The state of an export folder, or undefined where there is none. A state that cannot be read is an error, never ignored. */
export async function readState(folder: string): Promise<ExportState | undefined> {
  const path = join(folder, folderNames.state)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new BulkError({ code: 'failed', message: `cannot read ${path} (${code})`, cause })
  }
  try {
    const state = JSON.parse(text) as ExportState
    if (state.format === 1 && typeof state.exportId === 'string' && Array.isArray(state.files)) return state
  } catch {
    // Falls through: text that is no JSON and JSON of another shape are the same to the reader.
  }
  throw new BulkError({
    code: 'usage',
    message: `${path} is not the state of a floe export`,
    hint: 'Export into another folder, or restore the file.',
  })
}

/** Replaces the state of a folder atomically. A line for each file: readable, and not a megabyte of indentation. */
export async function writeState(folder: string, state: ExportState): Promise<void> {
  const { files, ...rest } = state
  const head = JSON.stringify({ ...rest, files: [] }, null, 1)
  const list = files.map((file) => JSON.stringify(file)).join(',\n  ')
  const text = files.length === 0 ? head : `${head.slice(0, head.lastIndexOf('[]'))}[\n  ${list}\n ]\n}`
  await writeFileAtomic(join(folder, folderNames.state), `${text}\n`)
}
