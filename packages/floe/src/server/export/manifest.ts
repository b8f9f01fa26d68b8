import type { Job, JobFile } from '../../jobs/store.ts'

export interface OutputManifest {
  readonly transactionTime: string
  readonly request: string
  readonly requiresAccessToken: boolean
  readonly outputOrganizedBy?: string
  readonly output: readonly ManifestItem[]
  readonly deleted: readonly ManifestItem[]
  readonly error: readonly ManifestItem[]
}

interface ManifestItem {
  readonly type?: string
  readonly url: string
  readonly count: number
}

/** Stands for the type of files that hold several. */
export const organizedType = '*'

/** The output manifest (Bulk Data v2 and v3); files of a type stand together. */
export function outputManifest(
  job: Job,
  files: readonly JobFile[],
  { urlOf, requiresAccessToken }: { readonly urlOf: (name: string) => string; readonly requiresAccessToken: boolean },
): OutputManifest {
  const items = (item: JobFile['item']): ManifestItem[] =>
    files
      .filter((file) => file.item === item)
      .map(({ name, type, lines }) => ({
        ...(type === organizedType ? {} : { type }),
        url: urlOf(name),
        count: lines,
      }))
  return {
    transactionTime: job.transactionTime ?? job.createdAt,
    request: job.request,
    requiresAccessToken,
    ...(files.some(({ type }) => type === organizedType) ? { outputOrganizedBy: 'Patient' } : {}),
    output: items('output'),
    deleted: items('deleted'),
    error: items('error'),
  }
}
