import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ResourceFolder {
  readonly dir: string
  /** Resources of each type. */
  readonly counts: Readonly<Record<string, number>>
  /** Number of the first one. */
  readonly from?: number
  /** Day of January on which they were updated. */
  readonly day?: number
}

/** An export folder of small valid resources with ids by number: two folders may share some of them, the later day wins. */
export async function resourceFolder({ dir, counts, from = 0, day = 1 }: ResourceFolder): Promise<string> {
  await mkdir(dir, { recursive: true })
  for (const [type, count] of Object.entries(counts)) {
    const lines = Array.from({ length: count }, (_, index) =>
      JSON.stringify({
        ...{ resourceType: type, id: `${type}-${from + index}`, meta: { lastUpdated: `2026-01-0${day}T00:00:00Z` } },
        text: { status: 'generated', div: `<div>${`${day} Grüße `.repeat(20)}</div>` },
      }),
    )
    await writeFile(join(dir, `${type}.000.ndjson`), `${lines.join('\n')}\n`)
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ transactionTime: `2026-01-0${day}T12:00:00.000Z` }))
  return dir
}
