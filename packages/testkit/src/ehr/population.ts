import type { Resource } from './fhir.ts'
import type { SourceFolder } from './folder.ts'
import { lines, plainBytes } from './lines.ts'
import { deletedKeys, resourcesOf } from './select.ts'

/** What the EHR holds and how far in time it is: the first folder, then each later one as a client asks for what is new. */
export class Population {
  readonly #folders: readonly SourceFolder[]
  readonly #groups: readonly string[] | undefined
  #present = 0
  readonly #current = new Map<string, Promise<ReadonlyMap<string, Held>>>()

  constructor(folders: readonly SourceFolder[], groups: readonly string[] | undefined) {
    this.#folders = folders
    this.#groups = groups
  }

  /** Earlier states and the present one, oldest first. */
  get layers(): readonly SourceFolder[] {
    return this.#folders.slice(0, this.#present + 1)
  }

  get transactionTime(): string {
    return this.layers.at(-1)?.transactionTime ?? ''
  }

  get types(): string[] {
    const types = this.layers.flatMap(({ files }) =>
      files.filter(({ itemType }) => itemType === 'output').map(({ type }) => type),
    )
    return [...new Set(types)].sort()
  }

  /** Time passes: who asks for changes since the present state gets those of the next folder, if there is one. */
  advance(since: number | null): void {
    if (since === null || since < Date.parse(this.transactionTime) || this.#present + 1 >= this.#folders.length) return
    this.#present++
    this.#current.clear()
  }

  /** Ids of all patients. */
  async patients(): Promise<ReadonlySet<string>> {
    return new Set((await this.current('Patient')).keys())
  }

  /** Members of a group; `'all'` where it holds every patient, `null` where there is no such group. */
  async members(groupId: string): Promise<ReadonlySet<string> | 'all' | null> {
    const group = (await this.current('Group')).get(groupId)?.resource ?? null
    const ids = (Array.isArray(group?.member) ? (group.member as { entity?: { reference?: unknown } }[]) : [])
      .map(({ entity }) => /^(?:.*\/)?Patient\/([^/]+)$/.exec(String(entity?.reference))?.[1])
      .filter((id) => id !== undefined)
    if (group !== null && ids.length > 0) {
      const members = new Set(ids)
      const patients = await this.patients()
      return [...patients].every((id) => members.has(id)) ? 'all' : members
    }
    if (group !== null || this.#groups?.includes(groupId) === true) return 'all'
    return this.#groups === undefined && !this.types.includes('Group') ? 'all' : null
  }

  /**
   * The resources of a type as they are now, by id: the newest version of each, without what was deleted since.
   *
   * Held in memory from the first question on: meant for populations of a test's size.
   */
  current(type: string): Promise<ReadonlyMap<string, Held>> {
    let found = this.#current.get(type)
    if (found === undefined) {
      found = this.#read(type)
      this.#current.set(type, found)
    }
    return found
  }

  async #read(type: string): Promise<ReadonlyMap<string, Held>> {
    const found = new Map<string, Held>()
    for (const { files } of this.layers) {
      for (const file of files) {
        if (file.itemType === 'deleted') for await (const bundle of resourcesOf(file)) remove(found, type, bundle)
        if (file.type !== type || file.itemType !== 'output') continue
        for await (const line of lines(plainBytes(file.path, file.compression))) keep(found, line.toString().trim())
      }
    }
    return found
  }
}

/** A resource and its text as stored. */
export interface Held {
  resource: Resource
  text: string
}

function keep(found: Map<string, Held>, text: string): void {
  const resource = JSON.parse(text) as Resource
  const id = String(resource.id)
  const earlier = found.get(id)?.resource.meta?.lastUpdated
  const { lastUpdated } = resource.meta ?? {}
  const older = typeof earlier === 'string' && typeof lastUpdated === 'string' && Date.parse(lastUpdated) < Date.parse(earlier)
  if (!older) found.set(id, { resource, text })
}

function remove(found: Map<string, Held>, type: string, bundle: Resource): void {
  for (const key of deletedKeys(bundle)) if (key.startsWith(`${type}/`)) found.delete(key.slice(type.length + 1))
}
