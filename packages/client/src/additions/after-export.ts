import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import type { EventDetails, ExportEvent } from '../events.ts'
import { Journal } from '../folder/journal.ts'
import { folderNames } from '../folder/names.ts'
import { openFolder } from '../folder/open-export.ts'
import { keepOutcomes } from '../folder/outcomes.ts'
import type { FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { parseManifest } from '../job/manifest.ts'
import { type AttachmentOptions, hasAttachments } from './attachment-source.ts'
import { Attachments, type MissingAttachment } from './attachments.ts'
import { type HydrateOptions, type HydrateReceipt, hydrateFolder } from './hydrate.ts'

/** What an addition tells while it works, beside what its own options say. */
export interface AdditionListener {
  onEvent?: (event: ExportEvent) => void
}

export interface AdditionInput<Options> {
  connection: Connection
  folder: string
  options: Options & AdditionListener
  client: { name: string; version: string }
}

/** A finished export folder, locked and with its journal open while something is added to it. */
async function finished<T>(
  { connection, folder, options, client }: AdditionInput<object>,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  await using open = await openFolder(folder, { create: false })
  const { state } = open
  if (state?.phase !== 'complete') {
    throw new BulkError({
      code: 'usage',
      message: `${folder} holds no finished export`,
      hint: 'Finish the export first: floe resume FOLDER.',
    })
  }
  const { timing } = connection
  await using journal = await Journal.open({ folder, state, callbacks: options, timing, client })
  return await work(journal)
}

/** What became of the attachments of a folder; counts are of this pass. */
export interface AttachmentReceipt {
  mode: 'inline' | 'files'
  /** Export files that were gone through. */
  files: number
  /** How many attachments were brought in. */
  fetched: number
  /** How many were left as links: other types, too long, with data already, or at an origin that is not trusted. */
  skipped: number
  /** How many were not to be had: each is a line of `error/` and a row of the log. */
  failed: number
}

const progressEveryMs = 250

/** Brings in the notes of a finished folder, file by file; what is done is kept, so that a second run goes on. */
export async function attachFolder(input: AdditionInput<AttachmentOptions>): Promise<AttachmentReceipt> {
  const { connection, folder, options } = input
  const { timing } = connection
  return await finished(input, async (journal) => {
    const started = timing.now()
    const mode = options.mode ?? 'inline'
    const asked = JSON.stringify([mode, options.mimeTypes ?? null, options.maxBytes ?? null, [...connection.trustedOrigins]])
    // All that was asked for is here: an inlined file would only be written anew.
    const files = journal.state.attached === asked ? [] : journal.state.files.filter(hasAttachments)
    if (files.length === 0) return { mode, files: 0, fetched: 0, skipped: 0, failed: 0 }
    const total = files.reduce((sum, { done }) => sum + (done?.lines ?? 0), 0)
    let lines = 0
    let told = 0
    await using attachments = new Attachments({
      connection,
      folder,
      options: { ...options, requiresAccessToken: await tokenRule(folder, connection.fhirUrl) },
      onLine: () => {
        lines += 1
        if (timing.now() - told < progressEveryMs) return
        told = timing.now()
        void journal.emit('addition_progress', { addition: 'attachments', done: lines, total, ...attachments.counts })
      },
    })
    for (const file of files) {
      const done = await attachments.take(file)
      if (done === null) continue
      const changed = journal.state.files.map((other): FileState => (other.key === file.key ? { ...file, done } : other))
      await journal.save({ files: changed })
    }
    const { counts, missing } = attachments
    for (const each of missing) await journal.emit('download_error', errorRow(connection, each))
    await keepMissing(journal, missing, counts.failed)
    if (counts.failed === 0) await journal.save({ attached: asked })
    await journal.emit('attachments_complete', { mode, ...counts, duration: timing.now() - started })
    return { mode, files: files.length, ...counts }
  })
}

/** What the folder's manifest says; a crawl has none. */
async function tokenRule(folder: string, fhirUrl: string): Promise<boolean> {
  try {
    const text = await readFile(join(folder, folderNames.manifest), 'utf8')
    return parseManifest(text, `${fhirUrl}/`).requiresAccessToken
  } catch {
    return true
  }
}

/** The address of a note names it: the row has the place instead. */
function errorRow(
  { fhirUrl }: Connection,
  { file, line, path, status, problem }: MissingAttachment,
): EventDetails['download_error'] {
  const message = `${file} line ${line}, ${path}: ${problem}`
  return { fileUrl: `${fhirUrl}/…`, itemType: 'attachment', body: null, code: status, message, responseHeaders: {}, path: file }
}

const missingKey = 'attachments/error'

/**
 * What did not come, as warnings: the resources themselves are complete, so a load may count their type as complete.
 *
 * The file is of the last pass: it goes when nothing is missing any more.
 */
async function keepMissing(journal: Journal, missing: readonly MissingAttachment[], failed: number): Promise<void> {
  const { folder, state } = journal
  const known = state.files.find(({ key }) => key === missingKey)
  if (failed === 0) {
    if (known === undefined) return
    await journal.save({ files: state.files.filter((file) => file !== known) })
    await rm(join(folder, known.path), { force: true })
    return
  }
  const texts = missing.map(
    ({ file, line, path: place, problem }) => `${file} line ${line}: ${place} was not fetched: ${problem}`,
  )
  if (failed > missing.length) texts.push(`${failed - missing.length} more attachments were not fetched`)
  const lines = texts.map((diagnostics) => {
    const issue = [{ severity: 'warning', code: 'incomplete', diagnostics }]
    return JSON.stringify({ resourceType: 'OperationOutcome', issue })
  })
  await keepOutcomes(journal, missingKey, lines)
}

/** Fetches the resources that a finished folder refers to and does not hold. */
export async function hydrate(input: AdditionInput<HydrateOptions>): Promise<HydrateReceipt> {
  const { connection, folder, options } = input
  return await finished(input, async (journal) => {
    const started = connection.timing.now()
    const receipt = await hydrateFolder({
      connection,
      folder,
      state: journal.state,
      options,
      save: (files) => journal.save({ files }),
    })
    const { fetched, missing } = receipt
    await journal.emit('hydrate_complete', { fetched, missing, duration: connection.timing.now() - started })
    return receipt
  })
}
