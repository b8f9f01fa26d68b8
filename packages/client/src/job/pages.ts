import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../folder/durable.ts'
import type { Journal } from '../folder/journal.ts'
import { manifestName } from '../folder/names.ts'
import type { Connection } from '../http/connection.ts'
import type { OutputManifest } from '../types.ts'
import { parseManifest, unusable } from './manifest.ts'
import { askStatus, type ManifestPage, pollUntilManifest } from './status.ts'

const maxPages = 100_000

export interface PagesOptions {
  connection: Connection
  journal: Journal
  statusUrl: string
  signal: AbortSignal | undefined
  pollMaxMs: number
  waitMaxMs: number
  retryMaxTimeMs: number
  /** A manifest that came with the kick-off itself. */
  first?: ManifestPage | undefined
  /** Called once for each page, and again when a partial page has grown. */
  onPage: (page: number, manifest: OutputManifest) => Promise<void>
}

/** Follows a job from its status URL through all pages of its manifest; files of a page can be fetched as soon as it is there. */
export async function followPages(options: PagesOptions): Promise<void> {
  const { connection, journal, signal } = options
  const startedAt = Date.parse(journal.state.job?.kickedOffAt ?? journal.state.startedAt)
  const visited = new Set([options.statusUrl])
  const totals = { output: 0, deleted: 0, error: 0 }
  let url = options.statusUrl
  for (let page = 0; ; page += 1) {
    const take = (got: ManifestPage): Promise<void> => takePage(options, page, got)
    const given = page === 0 ? options.first : undefined
    const got =
      given ??
      (await pollUntilManifest({
        connection,
        url,
        signal,
        pollMaxMs: options.pollMaxMs,
        retryMaxTimeMs: options.retryMaxTimeMs,
        deadline: startedAt + options.waitMaxMs,
        startedAt,
        onPartial: async (partial) => {
          await take(partial)
          return partial.manifest.next !== null
        },
        onProgress: (detail) => void journal.emit('status_progress', detail),
        onError: (detail) => void journal.emit('status_error', detail),
      }))
    await take(got)
    const { manifest } = got
    const counts = countItems(manifest)
    for (const kind of ['output', 'deleted', 'error'] as const) totals[kind] += counts[kind]
    await journal.emit('status_page_complete', {
      transactionTime: manifest.transactionTime,
      outputFileCount: counts.output,
      deletedFileCount: counts.deleted,
      errorFileCount: counts.error,
    })
    if (manifest.next === null) {
      const { transactionTime } = manifest
      await journal.emit('status_complete', { transactionTime })
      await journal.emit('manifest_complete', {
        transactionTime,
        totalOutputFileCount: totals.output,
        totalDeletedFileCount: totals.deleted,
        totalErrorFileCount: totals.error,
        totalManifests: page + 1,
      })
      await journal.save({ manifestComplete: true, phase: 'downloading' })
      return
    }
    if (visited.has(manifest.next) || page >= maxPages) throw unusable('its pages form a loop')
    visited.add(manifest.next)
    connection.redactor.add(manifest.next)
    url = manifest.next
  }
}

/** Keeps the page as served, then hands it on. The transaction time of all pages is one. */
async function takePage({ journal, onPage }: PagesOptions, page: number, { manifest, text }: ManifestPage): Promise<void> {
  const known = journal.state.transactionTime
  if (known !== null && Date.parse(known) !== Date.parse(manifest.transactionTime)) {
    throw unusable('its transactionTime changed while the export was running')
  }
  await writeFileAtomic(join(journal.folder, manifestName(page)), text)
  await journal.save({ transactionTime: manifest.transactionTime, pages: Math.max(journal.state.pages, page + 1) })
  await onPage(page, manifest)
}

function countItems({ items }: OutputManifest): Record<'output' | 'deleted' | 'error', number> {
  const counts = { output: 0, deleted: 0, error: 0 }
  for (const { itemType } of items) counts[itemType] += 1
  return counts
}

/** The pages that an earlier run kept; undefined when one is missing or damaged, so that the server is asked again. */
export async function savedPages(journal: Journal, fhirUrl: string): Promise<OutputManifest[] | undefined> {
  if (!journal.state.manifestComplete) return undefined
  try {
    const pages: OutputManifest[] = []
    for (let page = 0; page < journal.state.pages; page += 1) {
      pages.push(parseManifest(await readFile(join(journal.folder, manifestName(page)), 'utf8'), `${fhirUrl}/`))
    }
    return pages.length > 0 && pages.at(-1)?.next === null ? pages : undefined
  } catch {
    return undefined
  }
}

/**
 * Reads all pages again for fresh links (Bulk Data IG: a client may re-fetch the manifest); false when the server has them no
 * more.
 */
export async function refreshPages({ connection, journal, statusUrl, signal, onPage }: PagesOptions): Promise<boolean> {
  let url: string | null = statusUrl
  for (let page = 0; url !== null && page < journal.state.pages; page += 1) {
    const answer = await askStatus(connection, url, signal)
    const got: ManifestPage | null = answer.kind === 'complete' ? answer.page : answer.kind === 'progress' ? answer.partial : null
    if (got === null || Date.parse(got.manifest.transactionTime) !== Date.parse(journal.state.transactionTime ?? '')) return false
    await writeFileAtomic(join(journal.folder, manifestName(page)), got.text)
    await onPage(page, got.manifest)
    url = got.manifest.next
  }
  return true
}
