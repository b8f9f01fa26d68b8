import type { Catalog, TablePointer } from '../iceberg/catalog.ts'
import { LakeConflictError } from '../iceberg/conflict.ts'
import { metadataFiles, reachableFiles } from '../iceberg/reachable.ts'
import { type StagedChange, stageMetadata } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import { fileUri, localStorage } from '../storage/local.ts'

/** A catalog in memory: tables grow in the lake's own folders, and nobody sees them until they are published. */
export interface DraftCatalog extends Catalog {
  readonly tables: () => readonly Table[]
}

/** Starts with the tables given; root and namespaces are those of the real catalog. */
export function draftCatalog(real: Catalog, initial: readonly Table[] = []): DraftCatalog {
  const key = (namespace: string, name: string): string => `${namespace}.${name}`
  const tables = new Map(initial.map((table) => [key(table.namespace, table.name), table]))
  const load = async (namespace: string, name: string): Promise<Table | undefined> => tables.get(key(namespace, name))
  const close = (): void => undefined
  return {
    root: real.root,
    tables: () => [...tables.values()],
    listTables: (namespace) =>
      [...tables.values()]
        .filter((table) => namespace === undefined || table.namespace === namespace)
        .map(({ namespace: space, name, metadataLocation }) => ({ namespace: space, name, metadataLocation })),
    listNamespaces: () => real.listNamespaces(),
    load,
    loadAt: async (pointer, storage) => await real.loadAt(pointer, storage),
    createNamespace: close,
    property: (namespace, name) => real.property(namespace, name),
    setProperty: (namespace, name, value) => real.setProperty(namespace, name, value),
    commit: async (changes) => {
      for (const { namespace, name, base } of changes) {
        if (tables.get(key(namespace, name))?.metadataLocation !== base) throw new LakeConflictError(key(namespace, name))
      }
      for (const { namespace, name, table } of changes) tables.set(key(namespace, name), table)
      await Promise.all(changes.flatMap(({ obsolete, storage }) => obsolete.map((location) => storage.delete(location))))
    },
    recordedRoot: () => real.recordedRoot(),
    drop: (namespace, name) => void tables.delete(key(namespace, name)),
    close,
    [Symbol.dispose]: close,
  }
}

/**
 * Puts the tables of a draft in the place of those that `replaced` names, in one transaction of the real catalog: the commit
 * point. A table that the draft lacks is forgotten. Former files stay until orphan removal: queries that read them go on.
 */
export async function publishDraft(real: Catalog, draft: DraftCatalog, replaced: readonly Table[]): Promise<void> {
  const before = new Map(replaced.map((table) => [`${table.namespace}.${table.name}`, table]))
  const changes: StagedChange[] = []
  for (const table of draft.tables()) {
    const old = before.get(`${table.namespace}.${table.name}`)
    before.delete(`${table.namespace}.${table.name}`)
    if (old === undefined || old.metadata === table.metadata) {
      changes.push(asItIs(table, old))
      continue
    }
    // The table stays the same one for other programs: Spark refuses a name whose table id changed under it.
    const metadata = {
      ...table.metadata,
      'table-uuid': old.metadata['table-uuid'],
      properties: { ...old.metadata.properties, ...table.metadata.properties },
    }
    changes.push({ ...(await stageMetadata(table, metadata)), base: old.metadataLocation })
  }
  for (const namespace of new Set(changes.map((change) => change.namespace))) real.createNamespace(namespace)
  await real.commit(changes, { drop: Array.from(before.values(), pointerOf) })
}

/** A new table, or one that stays: then the commit only checks that nobody changed it. */
function asItIs(table: Table, old: Table | undefined): StagedChange {
  const { namespace, name } = table
  return { namespace, name, base: old?.metadataLocation, table, written: [], obsolete: [], storage: localStorage }
}

function pointerOf({ namespace, name, metadataLocation }: Table): TablePointer {
  return { namespace, name, metadataLocation }
}

/** Removes all files of a draft that will not be published; those of the tables that it began with stay. */
export async function discardDraft(draft: DraftCatalog, initial: readonly Table[] = []): Promise<void> {
  const kept = new Set<string>()
  for (const table of initial) for (const path of await filesOf(table)) kept.add(path)
  for (const table of draft.tables()) {
    const paths = (await filesOf(table)).filter((path) => !kept.has(path))
    await Promise.allSettled(paths.map((path) => localStorage.delete(fileUri(path))))
  }
}

/** Content first, metadata last: what a crash leaves can still be told apart. */
async function filesOf(table: Table): Promise<string[]> {
  const { manifestLists, manifests, content } = await reachableFiles(table.metadata.snapshots)
  return [...content, ...manifests, ...manifestLists, ...metadataFiles(table)]
}
