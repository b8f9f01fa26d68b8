import { createWriteStream } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { patientOf, type Resource } from './fhir.ts'
import { type ItemType, measureFile, type SourceFile, type SourceFolder } from './folder.ts'
import { type Compression, lines, plainBytes } from './lines.ts'
import type { ExportQuery } from './parameters.ts'

/** One file of an export job, ready to be served. */
export interface JobFile {
  /** `Type.NNN.ndjson`: how faults and records call it. */
  name: string
  path: string
  type: string
  itemType: ItemType
  compression: Compression
  count: number
  /** Size without compression. */
  bytes: number
}

export interface Selection {
  /** Present and earlier states, oldest first; the last one is the present. */
  layers: readonly SourceFolder[]
  query: ExportQuery
  /** Types that the caller may read; `null` for all. */
  mayRead: (type: string) => boolean
  /** Ids of the patients that the level or `patient` leaves; `null` for all. */
  patients: ReadonlySet<string> | null
  /** Folder for what has to be cut out of the source files. */
  spool: string
}

type Keep = (resource: Resource) => boolean
/** What becomes of a line: itself, another one, or nothing. */
type Edit = (line: Buffer, resource: Resource) => Buffer | null

function keeping(keep: Keep | null): Edit | null {
  return keep === null ? null : (line, resource) => (keep(resource) ? line : null)
}

/**
 * Chooses the files of an export. A source file that is wanted whole is served from where it is; only files of which lines fall
 * away are written anew, line by line and byte for byte.
 */
export async function selectFiles(selection: Selection): Promise<JobFile[]> {
  const { layers, query, mayRead } = selection
  const files: JobFile[] = []
  for (const [index, layer] of layers.entries()) {
    if (query.since !== null && Date.parse(layer.transactionTime) <= query.since) continue
    const superseded = await keysOf(layers.slice(index + 1))
    for (const file of layer.files) {
      if (!isWanted(file, query, mayRead)) continue
      const number = files.filter(({ type, itemType }) => type === file.type && itemType === file.itemType).length
      const name = `${file.type}.${String(number).padStart(3, '0')}.ndjson`
      const edit =
        file.itemType === 'output' ? keeping(filterOf(selection, file, layers[index - 1], superseded)) : deletionsOf(query, file)
      const made = edit === null ? await whole(file, name) : await cut(file, name, edit, selection.spool)
      if (made !== null) files.push(made)
    }
  }
  return query.organizeByPatient ? organize(files, selection.spool) : files
}

function isWanted({ type, itemType }: SourceFile, query: ExportQuery, mayRead: (type: string) => boolean): boolean {
  if (itemType === 'error') return true
  if (itemType === 'deleted') return query.since !== null
  // Binaries are fetched by their addresses; they are exported only when asked for.
  return mayRead(type) && (query.types === null ? type !== 'Binary' : query.types.includes(type))
}

/** What a line has to be to stay in; `null` when all lines do. */
function filterOf(
  { query, patients }: Selection,
  { type }: SourceFile,
  earlier: SourceFolder | undefined,
  superseded: ReadonlySet<string>,
): Keep | null {
  const tests: Keep[] = []
  if (superseded.size > 0) tests.push(({ id }) => !superseded.has(`${type}/${String(id)}`))
  const { since, until } = query
  // A layer holds the changes since the earlier one: with `_since` at or before that, all of it is wanted.
  if (since !== null && (earlier === undefined || Date.parse(earlier.transactionTime) < since)) {
    tests.push(({ meta }) => typeof meta?.lastUpdated !== 'string' || Date.parse(meta.lastUpdated) > since)
  }
  if (until !== null) tests.push(({ meta }) => typeof meta?.lastUpdated !== 'string' || Date.parse(meta.lastUpdated) < until)
  if (patients !== null) {
    tests.push((resource) => {
      const patient = patientOf(resource)
      return patient === null || patients.has(patient)
    })
  }
  const filters = query.typeFilters.get(type)
  if (filters !== undefined) {
    tests.push((resource) => filters.some((criteria) => criteria.every((criterion) => criterion.matches(resource))))
  }
  return tests.length === 0 ? null : (resource) => tests.every((test) => test(resource))
}

/** Deletions are told for the types asked for only: what would not have been sent is not taken back. */
function deletionsOf({ types }: ExportQuery, { itemType }: SourceFile): Edit | null {
  if (types === null || itemType !== 'deleted') return null
  return (_line, bundle) => {
    const entries = Array.isArray(bundle.entry) ? (bundle.entry as unknown[]) : []
    const entry = entries.filter((one) => deletedKeys({ entry: [one] }).some((key) => types.includes(key.split('/')[0] ?? '')))
    return entry.length === 0 ? null : Buffer.from(JSON.stringify({ ...bundle, entry }))
  }
}

/** `Type/id` of every resource that these layers changed or deleted. */
async function keysOf(layers: readonly SourceFolder[]): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for (const file of layers.flatMap((layer) => layer.files)) {
    if (file.itemType === 'error') continue
    for await (const resource of resourcesOf(file)) {
      if (file.itemType === 'output') keys.add(`${file.type}/${String(resource.id)}`)
      else for (const key of deletedKeys(resource)) keys.add(key)
    }
  }
  return keys
}

/** `Type/id` of what a transaction Bundle of deletions deletes. */
export function deletedKeys(bundle: Resource): string[] {
  const entries = Array.isArray(bundle.entry) ? (bundle.entry as { request?: { url?: unknown } }[]) : []
  return entries.flatMap(
    ({ request }) => /([A-Z][A-Za-z]+\/[A-Za-z0-9.-]+)(?:\/_history\/.*)?$/.exec(String(request?.url))?.[1] ?? [],
  )
}

/** The resources of a file; lines that are no JSON are passed over. */
export async function* resourcesOf({ path, compression }: SourceFile): AsyncGenerator<Resource> {
  for await (const line of lines(plainBytes(path, compression))) {
    const resource = parse(line)
    if (resource !== null) yield resource
  }
}

function parse(line: Buffer): Resource | null {
  try {
    return JSON.parse(line.toString()) as Resource
  } catch {
    return null
  }
}

async function whole({ path, type, itemType, compression }: SourceFile, name: string): Promise<JobFile> {
  const { count, bytes } = await measureFile(path)
  return { name, path, type, itemType, compression, count, bytes }
}

async function cut(file: SourceFile, name: string, edit: Edit, spool: string): Promise<JobFile | null> {
  const path = join(spool, `${file.itemType}-${name}`)
  let count = 0
  await mkdir(spool, { recursive: true, mode: 0o700 })
  const kept = async function* (): AsyncGenerator<Buffer> {
    for await (const line of lines(plainBytes(file.path, file.compression))) {
      const resource = parse(line)
      const edited = resource === null ? null : edit(line, resource)
      if (edited === null) continue
      count++
      yield edited
      yield newline
    }
  }
  await pipeline(Readable.from(kept(), { objectMode: false }), createWriteStream(path))
  if (count === 0) return null
  const { size } = await stat(path)
  return { name, path, type: file.type, itemType: file.itemType, compression: 'none', count, bytes: size }
}

const newline = Buffer.from('\n')

/**
 * Puts the resources of each patient behind a header line that names the patient (`organizeOutputBy=Patient`); those of nobody
 * come in a block without a patient. For populations that fit in memory.
 */
async function organize(files: readonly JobFile[], spool: string): Promise<JobFile[]> {
  const blocks = new Map<string | null, Buffer[]>()
  for (const file of files.filter(({ itemType }) => itemType === 'output')) {
    for await (const line of lines(plainBytes(file.path, file.compression))) {
      const patient = patientOf(parse(line) ?? {})
      const block = blocks.get(patient)
      if (block === undefined) blocks.set(patient, [line])
      else block.push(line)
    }
  }
  const parts: Buffer[] = []
  for (const [patient, block] of blocks) {
    const value = patient === null ? {} : { valueReference: { reference: `Patient/${patient}` } }
    const header = { resourceType: 'Parameters', parameter: [{ name: 'header', ...value }] }
    for (const line of [Buffer.from(JSON.stringify(header)), ...block]) parts.push(line, newline)
  }
  const path = join(spool, 'Resources.000.ndjson')
  const content = Buffer.concat(parts)
  await mkdir(spool, { recursive: true, mode: 0o700 })
  await writeFile(path, content)
  const count = [...blocks.values()].reduce((sum, block) => sum + block.length, 0)
  const all: JobFile = {
    name: 'Resources.000.ndjson',
    path,
    type: 'Resources',
    itemType: 'output',
    compression: 'none',
    count,
    bytes: content.length,
  }
  return [all, ...files.filter(({ itemType }) => itemType !== 'output')]
}
