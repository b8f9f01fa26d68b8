import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { openSink } from '../download/sink.ts'
import { BulkError } from '../errors.ts'
import { FileNamer, partSuffix } from '../folder/names.ts'
import type { ExportState, FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { type FhirFetchOptions, fetchResource, fetchSearch, type RawResource } from '../http/fhir-fetch.ts'
import { Hosts } from '../http/hosts.ts'
import { parseJson } from '../http/server-message.ts'
import { isBlankLine, lineText, openLines } from '../ndjson.ts'

/** A kind of referenced resources that can be fetched; {@link hydrationTasks} has their types. */
export type HydrationTask = 'medication' | 'practitioner' | 'organization' | 'location' | 'observation' | 'encounter' | 'device'

/** What may be fetched, by the names that users of other exporters know, with the resource types of each. */
export const hydrationTasks: Readonly<Record<HydrationTask, readonly string[]>> = {
  medication: ['Medication'],
  practitioner: ['Practitioner', 'PractitionerRole'],
  organization: ['Organization'],
  location: ['Location'],
  observation: ['Observation'],
  encounter: ['Encounter'],
  device: ['Device'],
}

/** Which referenced resources to fetch. Rejects with `download-failed` (retryable) where the server does not answer. */
export interface HydrateOptions {
  tasks: readonly HydrationTask[]
  /** Resources asked for in one search. Default 50. */
  batch?: number
  retries?: number
  signal?: AbortSignal
}

/** What was fetched beside an export. */
export interface HydrateReceipt {
  /** Resources fetched, by type. */
  fetched: Record<string, number>
  /** References whose target the server does not have or show. */
  missing: number
  /** Files added to the folder. */
  files: readonly string[]
}

export interface HydrateInput {
  connection: Connection
  folder: string
  state: ExportState
  options: HydrateOptions
  /** Makes the list of files durable. */
  save(files: readonly FileState[]): Promise<void>
}

/** What was fetched may refer to more: an order's medication to its maker, a result to its parts. */
const maxRounds = 5

/**
 * Fetches the resources that a folder refers to and does not hold, from its own server only, and adds them as further files.
 *
 * What a file holds once it has its name is not fetched again: an interrupted run is taken up by calling it again.
 */
export async function hydrateFolder({ connection, folder, state, options, save }: HydrateInput): Promise<HydrateReceipt> {
  const types = new Set<string>(options.tasks.flatMap((task) => hydrationTasks[task]))
  const fetcher: FhirFetchOptions = {
    connection,
    hosts: new Hosts(connection.timing),
    retries: options.retries ?? 8,
    pollMaxMs: 300_000,
    signal: options.signal,
  }
  const seen = new References(types, connection.fhirUrl)
  for (const file of state.files) if (file.itemType === 'output' && file.done !== null) await seen.read(join(folder, file.path))
  const receipt = { fetched: {} as Record<string, number>, missing: 0, files: [] as string[] }
  let files = state.files
  for (let round = 0; round < maxRounds; round += 1) {
    const wanted = seen.takeMissing()
    if (wanted.size === 0) break
    for (const [type, ids] of wanted) {
      const added = await fetchType({
        type,
        ids,
        folder,
        files,
        fetcher,
        seen,
        batch: options.batch ?? 50,
        compress: state.compress,
      })
      receipt.missing += ids.length - added.count
      if (added.file === null) continue
      files = [...files, added.file]
      await save(files)
      receipt.fetched[type] = (receipt.fetched[type] ?? 0) + added.count
      receipt.files.push(added.file.path)
    }
  }
  return receipt
}

interface TypeFetch {
  type: string
  ids: readonly string[]
  folder: string
  files: readonly FileState[]
  fetcher: FhirFetchOptions
  seen: References
  batch: number
  compress: ExportState['compress']
}

async function fetchType({
  type,
  ids,
  folder,
  files,
  fetcher,
  seen,
  batch,
  compress,
}: TypeFetch): Promise<{ count: number; file: FileState | null }> {
  const path = new FileNamer(files.map((file) => file.path)).name('output', type, compress)
  const part = `${join(folder, path)}${partSuffix}`
  const sink = await openSink({ path: part, coding: 'identity', compress })
  let count = 0
  try {
    for (let at = 0; at < ids.length; at += batch) {
      for (const { line } of await fetchBatch(type, ids.slice(at, at + batch), fetcher)) {
        await sink.write(Buffer.from(`${line}\n`))
        seen.line(line)
        count += 1
      }
    }
    if (count === 0) {
      await sink.abandon()
      return { count, file: null }
    }
    const done = await sink.finish()
    await rename(part, join(folder, path))
    return { count, file: { key: `hydrate/${path}`, source: '', itemType: 'output', type, path, count: null, done } }
  } catch (cause) {
    await sink.abandon()
    throw cause
  }
}

/** One search for many; what it does not bring, and all where the server refuses such a search, one by one. */
async function fetchBatch(type: string, ids: readonly string[], fetcher: FhirFetchOptions): Promise<RawResource[]> {
  const found = new Map<string, RawResource>()
  try {
    const query = `_id=${ids.map(encodeURIComponent).join(',')}&_count=${ids.length}`
    const { resources } = await fetchSearch(`${fetcher.connection.fhirUrl}/${type}?${query}`, fetcher)
    for (const resource of resources) if (resource.type === type && ids.includes(resource.id)) found.set(resource.id, resource)
  } catch (cause) {
    if (!(cause instanceof BulkError) || cause.code !== 'download-failed' || cause.retryable) throw cause
  }
  for (const id of ids) {
    if (found.has(id)) continue
    const resource = await fetchResource(type, id, fetcher)
    if (resource?.id === id) found.set(id, resource)
  }
  return [...found.values()]
}

/** The references of a folder to some types, and the resources of those types that it holds. Memory: the ids. */
class References {
  readonly #pattern: RegExp
  readonly #types: ReadonlySet<string>
  readonly #wanted = new Map<string, Set<string>>()
  readonly #known = new Set<string>()

  constructor(types: ReadonlySet<string>, fhirUrl: string) {
    this.#types = types
    const base = fhirUrl.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    this.#pattern = new RegExp(
      `"reference"\\s*:\\s*"(?:${base}/)?(${[...types].join('|')})/([A-Za-z0-9.-]{1,64})(?:/_history/[^"]*)?"`,
      'g',
    )
  }

  async read(path: string): Promise<void> {
    for await (const { bytes } of openLines(path)) if (!isBlankLine(bytes)) this.line(lineText(bytes))
  }

  line(text: string): void {
    for (const [, type = '', id = ''] of text.matchAll(this.#pattern)) {
      const ids = this.#wanted.get(type) ?? new Set()
      this.#wanted.set(type, ids.add(id))
    }
    const start = /"resourceType"\s*:\s*"([A-Za-z]+)"/.exec(text)?.[1]
    // Only resources of the wanted types are worth parsing; contained ones before the type make this a guess that parsing settles.
    if (start === undefined || !(this.#types.has(start) || text.includes('"contained"'))) return
    const resource = parseJson(text)
    if (typeof resource?.id === 'string') this.#known.add(`${resource.resourceType}/${resource.id}`)
  }

  /** References without a resource, each given out once. */
  takeMissing(): Map<string, string[]> {
    const missing = new Map<string, string[]>()
    for (const [type, ids] of this.#wanted) {
      const absent = [...ids].filter((id) => !this.#known.has(`${type}/${id}`))
      for (const id of absent) this.#known.add(`${type}/${id}`)
      if (absent.length > 0) missing.set(type, absent)
    }
    return missing
  }
}
