import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Ehr, Manifest } from '../index.ts'

/** Resources as a server writes them, one per line. */
export const ndjson = (resources: readonly object[]): string => resources.map((one) => `${JSON.stringify(one)}\n`).join('')

const ids = ['a', 'b', 'c']
export const patients: object[] = ids.map((id, index) => ({
  resourceType: 'Patient',
  id,
  meta: { lastUpdated: `2026-01-0${index + 1}T00:00:00Z` },
  gender: index === 0 ? 'male' : 'female',
  birthDate: `19${index}0-05-01`,
  name: [{ family: 'Grünwäld😀' }],
}))
export const observations: object[] = ids.flatMap((id) =>
  [1, 2, 3, 4].map((number) => ({
    resourceType: 'Observation',
    id: `${id}${number}`,
    status: number === 4 ? 'entered-in-error' : 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
    subject: { reference: `Patient/${id}` },
    effectiveDateTime: `2025-0${number}-01`,
  })),
)

/**
 * Three patients with four observations each, an organization and a group of the first two, as plain, gzip and zstd files; and a
 * later export.
 */
export async function makeFolders(): Promise<{ folder: string; later: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), 'floe-ehr-test-'))
  const folder = join(root, 'full')
  const later = join(root, 'later')
  const group = {
    resourceType: 'Group',
    id: 'two',
    member: ['a', 'b'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
  }
  const deleted = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ request: { method: 'DELETE', url: 'Observation/a1' } }],
  }
  const files: [string, string | Buffer][] = [
    [`${folder}/Patient.000.ndjson`, ndjson(patients)],
    [`${folder}/Observation.000.ndjson.gz`, gzipSync(ndjson(observations))],
    [`${folder}/Organization.000.ndjson.zst`, zstdCompressSync(ndjson([{ resourceType: 'Organization', id: 'o' }]))],
    [`${folder}/Group.000.ndjson`, ndjson([group])],
    [`${folder}/manifest.json`, JSON.stringify({ transactionTime: '2026-02-01T00:00:00Z' })],
    [`${later}/Patient.000.ndjson`, ndjson([{ resourceType: 'Patient', id: 'a', gender: 'other' }])],
    [`${later}/deleted/Bundle.000.ndjson`, ndjson([deleted])],
    [`${later}/manifest.json`, JSON.stringify({ transactionTime: '2026-03-01T00:00:00Z' })],
  ]
  for (const [path, content] of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return { folder, later, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

/** Kick-off, polling without waiting, manifest. */
export async function exportFrom(
  ehr: Ehr,
  path: string,
  init: RequestInit = {},
): Promise<{ status: string; manifest: Manifest }> {
  const kickoff = await fetch(`${ehr.fhirUrl}/${path}`, init)
  const status = kickoff.headers.get('content-location')
  if (status === null) throw new Error(`kick-off: ${kickoff.status} ${await kickoff.text()}`)
  for (;;) {
    const answer = await fetch(status, { headers: new Headers(init.headers) })
    if (answer.status === 200) return { status, manifest: (await answer.json()) as Manifest }
    if (answer.status !== 202) throw new Error(`status: ${answer.status} ${await answer.text()}`)
  }
}

/** `type` → ids, over all output files. */
export async function idsOf(manifest: Manifest): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { type, url } of manifest.output) {
    const text = await (await fetch(url)).text()
    const ids = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { id: string }).id)
    found[type] = [...(found[type] ?? []), ...ids]
  }
  return found
}
