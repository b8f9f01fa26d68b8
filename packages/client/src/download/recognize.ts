import type { FileState } from '../folder/state.ts'
import type { ManifestItem } from '../types.ts'

/** An item of the page, and the known file that it is. */
export interface Entry {
  readonly item: ManifestItem
  readonly type: string
  readonly key: string
  readonly source: string
  file: FileState | undefined
}

/** What a file and an item have to have in common; undefined where that says nothing about the file. */
interface Likeness {
  ofFile(file: FileState): string | undefined
  ofEntry(entry: Entry): string
  fits?(file: FileState, entry: Entry): boolean
  /** Only where no other file and no other item has the same in common. */
  alone?: boolean
}

const kindOfFile = ({ itemType, type }: FileState): string => `${itemType} ${type}`
const kindOfEntry = ({ item, type }: Entry): string => `${item.itemType} ${type}`
const pathOf = (source: string): string => source.slice(0, 16)
const linesOf = ({ done, count }: FileState): number | null => done?.lines ?? count

/** The surest first. A file on disk is never taken for an item with another count by its place alone: that item may be new. */
const likenesses: readonly Likeness[] = [
  {
    ofFile: ({ itemType, source }) => `${itemType} ${source}`,
    ofEntry: ({ item, source }) => `${item.itemType} ${source}`,
  },
  // What changes in the query may be a signature that nobody knows: the path tells files apart where each has its own.
  {
    ofFile: ({ itemType, source }) => `${itemType} ${pathOf(source)}`,
    ofEntry: ({ item, source }) => `${item.itemType} ${pathOf(source)}`,
    alone: true,
  },
  {
    ofFile: (file) => `${file.key} ${file.type}`,
    ofEntry: ({ key, type }) => `${key} ${type}`,
    fits: (file, { item: { count } }) =>
      count === null || linesOf(file) === null || count === file.count || count === linesOf(file),
  },
  {
    ofFile: (file) => (linesOf(file) === null ? undefined : `${kindOfFile(file)} ${linesOf(file)}`),
    ofEntry: (entry) => `${kindOfEntry(entry)} ${entry.item.count}`,
  },
  {
    ofFile: ({ key, type, done }) => (done === null ? `${key} ${type}` : undefined),
    ofEntry: ({ key, type }) => `${key} ${type}`,
  },
  { ofFile: (file) => (file.done === null ? kindOfFile(file) : undefined), ofEntry: kindOfEntry },
]

/** Finds the file of each item. Manifests do not take files back: as many files left as items are left are those items. */
export function recognize(files: readonly FileState[], entries: readonly Entry[]): void {
  const left = new Set(files)
  const open = (): Entry[] => entries.filter(({ file }) => file === undefined)
  const pair = ({ ofFile, ofEntry, fits, alone = false }: Likeness): void => {
    const groups = Map.groupBy(left, ofFile)
    groups.delete(undefined)
    if (alone) {
      const items = Map.groupBy(open(), ofEntry)
      for (const [key, group] of groups) if (group.length > 1 || (items.get(key ?? '')?.length ?? 0) > 1) groups.delete(key)
    }
    for (const entry of open()) {
      const group = groups.get(ofEntry(entry))
      const file = group?.[0]
      if (file === undefined || fits?.(file, entry) === false) continue
      group?.shift()
      left.delete(file)
      entry.file = file
    }
  }
  for (const likeness of likenesses) {
    if (left.size === 0) return
    pair(likeness)
  }
  const items = Map.groupBy(open(), kindOfEntry)
  const same = [...Map.groupBy(left, kindOfFile)].filter(([kind, some]) => some.length === items.get(kind)?.length)
  const kinds = new Set(same.map(([kind]) => kind))
  pair({ ofFile: (file) => (kinds.has(kindOfFile(file)) ? kindOfFile(file) : undefined), ofEntry: kindOfEntry })
}
