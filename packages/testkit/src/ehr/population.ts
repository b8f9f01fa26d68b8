import type { Resource } from './fhir.ts'
import type { SourceFolder } from './folder.ts'
import { resourcesOf } from './select.ts'

/** What the EHR holds and how far in time it is: the first folder, then each later one as a client asks for what is new. */
export class Population {
  readonly #folders: readonly SourceFolder[]
  readonly #groups: readonly string[] | undefined
  #present = 0
  #patients: Promise<ReadonlySet<string>> | undefined

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
    this.#patients = undefined
  }

  /** Ids of all patients. */
  patients(): Promise<ReadonlySet<string>> {
    this.#patients ??= this.#readPatients()
    return this.#patients
  }

  async #readPatients(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>()
    for await (const { id } of this.resources('Patient')) if (typeof id === 'string') ids.add(id)
    return ids
  }

  /** Members of a group; `'all'` where it holds every patient, `null` where there is no such group. */
  async members(groupId: string): Promise<ReadonlySet<string> | 'all' | null> {
    const group = await this.find('Group', groupId)
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

  /** One resource as it is now. */
  async find(type: string, id: string): Promise<Resource | null> {
    let found: Resource | null = null
    for await (const resource of this.resources(type)) if (resource.id === id) found = resource
    return found
  }

  async *resources(type: string): AsyncGenerator<Resource> {
    for (const layer of this.layers) {
      for (const file of layer.files) if (file.type === type && file.itemType === 'output') yield* resourcesOf(file)
    }
  }
}
