import { BulkClient, type ExportedFile, type ManifestItem } from '@floe/client'

export interface StepByStepOptions {
  fhirUrl: string
  /** A folder for the files. */
  to: string
  signal?: AbortSignal
}

/**
 * The steps of an export one at a time, for programs that keep the job themselves: in a queue, in a table, between two runs of a
 * function. What `export` does beside these (the folder's state, resuming, the log) is then theirs, too.
 */
export async function exportStepByStep({ fhirUrl, to, signal }: StepByStepOptions): Promise<ExportedFile[]> {
  const client = new BulkClient({ fhirUrl })
  const options = signal === undefined ? {} : { signal }
  const job = await client.kickOff({ level: 'patient', type: ['Patient', 'Condition'] }, options)
  console.error(`a job since ${job.kickedOffAt}`)

  // One look, without waiting: `manifest` waits, as long as it takes.
  const status = await client.status(job, options)
  if (status.state === 'in-progress')
    console.error(`${status.xProgress ?? 'working'}; next look in ${status.retryAfterMs ?? 0} ms`)
  const pages = await client.manifest(job, { ...options, pollMaxMs: 5000 })

  const files: ExportedFile[] = []
  for (const { items, requiresAccessToken } of pages)
    for (const [index, item] of items.entries()) {
      files.push(await client.download(item, { ...options, to: `${to}/${nameOf(item, index)}`, requiresAccessToken }))
    }

  // Only now: the server may forget its files with the job.
  const { outcome } = await client.cancel(job.statusUrl, options)
  console.error(`the job is ${outcome}`)
  return files
}

/** The server's word for a type is no file name. */
function nameOf({ itemType, type }: ManifestItem, index: number): string {
  return `${itemType}-${/^[A-Z][A-Za-z]{0,63}$/.test(type ?? '') ? type : 'Unknown'}-${index}.ndjson`
}
