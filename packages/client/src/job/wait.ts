import { defaultSettings } from '../download/run.ts'
import type { Connection } from '../http/connection.ts'
import type { OutputManifest, ResumeOptions } from '../types.ts'
import { unusable } from './manifest.ts'
import { pollUntilManifest } from './status.ts'

/** All pages of a job's manifest, waited for one after the other. */
export async function waitForManifest(
  connection: Connection,
  statusUrl: string,
  options: ResumeOptions,
): Promise<OutputManifest[]> {
  const { pollMaxMs, retryMaxTimeMs, waitMaxMs } = { ...defaultSettings, ...options }
  const startedAt = connection.timing.now()
  const pages: OutputManifest[] = []
  const visited = new Set<string>()
  for (let url: string | null = statusUrl; url !== null; ) {
    if (visited.has(url)) throw unusable('its pages form a loop')
    visited.add(url)
    connection.redactor.add(url)
    const { manifest } = await pollUntilManifest({
      connection,
      url,
      signal: options.signal,
      pollMaxMs,
      retryMaxTimeMs,
      deadline: startedAt + waitMaxMs,
      startedAt,
      onPartial: async (partial) => partial.manifest.next !== null,
      ...(options.onStatusChecked === undefined ? {} : { onProgress: options.onStatusChecked }),
    })
    pages.push(manifest)
    url = manifest.next
  }
  return pages
}
