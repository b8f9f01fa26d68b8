import { mkdir } from 'node:fs/promises'
import { BulkError } from '../errors.ts'
import type { FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { Hosts, RateLimit } from '../http/hosts.ts'
import type { ExportedFile, ManifestItem, TransferOptions } from '../types.ts'
import { DownloadFailure, downloadFile } from './download.ts'
import { defaultSettings } from './run.ts'

/** Where one file of a manifest goes; times, retries and checks as for a whole export. */
export interface DownloadItemOptions extends TransferOptions {
  /** The file to write. */
  to: string
  /** As the manifest says. Default true. */
  requiresAccessToken?: boolean
  signal?: AbortSignal
}

export interface DownloadItemInput {
  connection: Connection
  item: ManifestItem
  options: DownloadItemOptions
  folder: string
  name: string
}

/** One file outside of an export folder. */
export async function downloadItem({ connection, item, options, folder, name }: DownloadItemInput): Promise<ExportedFile> {
  const { compress, retries, retryMaxTimeMs, pollMaxMs, allowCountMismatch, noRange, rateLimit } = {
    ...defaultSettings,
    ...options,
  }
  await mkdir(folder, { recursive: true })
  const file: FileState = {
    key: '0',
    source: '',
    itemType: item.itemType,
    type: item.type ?? 'Unknown',
    path: name,
    count: item.count,
    done: null,
  }
  try {
    const { done } = await downloadFile(
      {
        connection,
        hosts: new Hosts(connection.timing, pollMaxMs),
        rateLimit: rateLimit === undefined ? undefined : new RateLimit(rateLimit, connection.timing),
        folder,
        compress,
        retries,
        retryMaxTimeMs,
        pollMaxMs,
        allowCountMismatch,
        noRange,
        signal: options.signal,
        source: () => ({ url: item.url, token: options.requiresAccessToken ?? true }),
        refreshSources: async () => false,
        ensureSpace: async () => {},
        emit: { progress() {}, retry() {}, resume() {}, notice() {}, async complete() {} },
      },
      file,
    )
    return { type: file.type, itemType: file.itemType, path: name, ...done, count: file.count }
  } catch (cause) {
    if (!(cause instanceof DownloadFailure)) throw cause
    throw new BulkError({ code: 'download-failed', message: cause.message, retryable: true, cause })
  }
}
