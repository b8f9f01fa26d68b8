import type { AnyFile } from './content-file.ts'
import type { Snapshot } from './metadata.ts'

export type Operation = 'append' | 'overwrite' | 'delete' | 'replace'

export interface FileChanges {
  readonly added: readonly AnyFile[]
  readonly removed: readonly AnyFile[]
}

export function operationOf({ added, removed }: FileChanges): Operation {
  const addsData = added.some(({ content }) => content === 'data')
  const takesAway = removed.length > 0 || added.some(({ content }) => content !== 'data')
  return takesAway ? (addsData ? 'overwrite' : 'delete') : 'append'
}

/**
 * A snapshot's summary (spec, Appendix F). Totals are carried forward from the parent on every commit; `total-records` counts the
 * rows in files, so position-deleted rows are not subtracted.
 */
export function summarize(operation: Operation, changes: FileChanges, parent: Snapshot | undefined): Record<string, string> {
  const [added, removed] = [countsOf(changes.added), countsOf(changes.removed)]
  const numbers: [string, number][] = [
    ['added-data-files', added.dataFiles],
    ['deleted-data-files', removed.dataFiles],
    ['added-delete-files', added.deleteFiles],
    ['removed-delete-files', removed.deleteFiles],
    ['added-position-delete-files', added.positionFiles],
    ['removed-position-delete-files', removed.positionFiles],
    ['added-records', added.records],
    ['deleted-records', removed.records],
    ['added-position-deletes', added.positions],
    ['removed-position-deletes', removed.positions],
    ['added-equality-delete-files', added.equalityFiles],
    ['removed-equality-delete-files', removed.equalityFiles],
    ['added-equality-deletes', added.equalities],
    ['removed-equality-deletes', removed.equalities],
    ['added-files-size', added.bytes],
    ['removed-files-size', removed.bytes],
  ]
  const partitions = new Set(
    [...changes.added, ...changes.removed].map(({ specId, partition }) => JSON.stringify([specId, partition.map(String)])),
  )
  const changed = Object.fromEntries(numbers.filter(([, value]) => value > 0).map(([key, value]) => [key, String(value)]))
  return { operation, ...changed, 'changed-partition-count': String(partitions.size), ...totals(added, removed, parent) }
}

interface Counts {
  readonly dataFiles: number
  readonly deleteFiles: number
  readonly positionFiles: number
  readonly equalityFiles: number
  readonly records: number
  readonly positions: number
  readonly equalities: number
  readonly bytes: number
}

function countsOf(files: readonly AnyFile[]): Counts {
  const data = files.filter(({ content }) => content === 'data')
  const positions = files.filter(({ content }) => content === 'position-deletes')
  const equalities = files.filter(({ content }) => content === 'equality-deletes')
  const sum = (list: readonly AnyFile[]): number => list.reduce((total, { records }) => total + records, 0)
  return {
    dataFiles: data.length,
    deleteFiles: files.length - data.length,
    positionFiles: positions.length,
    equalityFiles: equalities.length,
    records: sum(data),
    positions: sum(positions),
    equalities: sum(equalities),
    bytes: files.reduce((total, { bytes }) => total + bytes, 0),
  }
}

function totals(added: Counts, removed: Counts, parent: Snapshot | undefined): Record<string, string> {
  const total = (key: string, change: number): [string, string][] => {
    const before = parent === undefined ? '0' : parent.summary[key]
    // A parent that does not tell its total leaves it unknown for good.
    return before === undefined ? [] : [[key, String(Math.max(0, Number(before) + change))]]
  }
  return Object.fromEntries([
    ...total('total-records', added.records - removed.records),
    ...total('total-files-size', added.bytes - removed.bytes),
    ...total('total-data-files', added.dataFiles - removed.dataFiles),
    ...total('total-delete-files', added.deleteFiles - removed.deleteFiles),
    ...total('total-position-deletes', added.positions - removed.positions),
    ...total('total-equality-deletes', added.equalities - removed.equalities),
  ])
}
