import { type AttachmentCounts, type AttachmentOptions, hasAttachments, inlineAttachments, noAttachments } from './attachments.ts'
import type { Connection } from './connection.ts'
import { BulkError } from './errors.ts'
import { type ExportState, type FileState, writeState } from './folder/state.ts'
import { type HydrateOptions, type HydrateReceipt, hydrateFolder } from './hydrate.ts'
import { openFolder } from './open-export.ts'

/** A finished export folder, locked while something is added to it. */
async function finished<T>(folder: string, work: (state: ExportState) => Promise<T>): Promise<T> {
  await using open = await openFolder(folder, { create: false })
  const { state } = open
  if (state?.phase === 'complete') return await work(state)
  throw new BulkError({
    code: 'usage',
    message: `${folder} holds no finished export`,
    hint: 'Finish the export first: floe resume FOLDER.',
  })
}

export interface AttachmentReceipt extends AttachmentCounts {
  files: number
}

/** Inlines the notes of a finished folder, file by file; what is done is kept, so that a second run goes on. */
export async function attachFolder(
  connection: Connection,
  folder: string,
  options: AttachmentOptions,
): Promise<AttachmentReceipt> {
  return finished(folder, async (state) => {
    const total: AttachmentReceipt = { ...noAttachments, files: 0 }
    let files = state.files
    for (const file of state.files.filter(hasAttachments)) {
      const { done, counts } = await inlineAttachments({ connection, folder, file, options })
      files = files.map((other): FileState => (other.key === file.key ? { ...file, done } : other))
      await writeState(folder, { ...state, files })
      total.files += 1
      total.inlined += counts.inlined
      total.skipped += counts.skipped
      total.failed += counts.failed
    }
    return total
  })
}

/** Fetches the resources that a finished folder refers to and does not hold. */
export async function hydrate(connection: Connection, folder: string, options: HydrateOptions): Promise<HydrateReceipt> {
  return finished(folder, (state) => hydrateFolder({ connection, folder, state, options }))
}
