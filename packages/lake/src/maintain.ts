import { type DroppedBronze, dropBronze } from './bronze/retention.ts'
import { compact } from './iceberg/compact.ts'
import { expireSnapshots } from './iceberg/expire.ts'
import { removeOrphans } from './iceberg/orphans.ts'
import { isForeign } from './replay/foreign.ts'
import type { LakeContext } from './silver/context.ts'
import { ledgerRelation } from './silver/ledger.ts'
import type { MaintainedTable, MaintainOptions, MaintainReceipt } from './types.ts'

const day = 86_400_000

/** Gives the right to write for the time of one step, so that loads have their turn in between. */
export type Turn = <T>(step: (context: LakeContext) => Promise<T>) => Promise<T>

/**
 * Compaction, expiry and orphans by policy (CONTRACT §4, rule 21). Each table is a turn of its own: a load waits for one table at
 * most, and queries that read former files go on, because these stay until they expire.
 */
export async function maintain(turn: Turn, options: MaintainOptions): Promise<MaintainReceipt> {
  const { expireOlderThan = 5 * day, keepSnapshots = 10, orphansOlderThan = 3 * day, dropTagsOlderThan, signal } = options
  const names = await turn(async ({ catalog }) => catalog.listTables())
  const tables: MaintainedTable[] = []
  for (const [index, name] of names.entries()) {
    signal?.throwIfAborted()
    const table = `${name.namespace}.${name.name}`
    options.onProgress?.({ table, done: index, total: names.length })
    tables.push(
      await turn(async ({ catalog, engine, now }) => {
        const compaction = await compact(catalog, engine, name, signal === undefined ? {} : { signal })
        const expiry = await expireSnapshots(catalog, name, {
          olderThan: now().getTime() - expireOlderThan,
          keep: keepSnapshots,
          // A rebuild compares them with what came before: bronze does not hold what other programs changed.
          ...(name.namespace === 'silver' ? { pinned: isForeign } : {}),
          ...(dropTagsOlderThan === undefined ? {} : { dropTagsOlderThan: now().getTime() - dropTagsOlderThan }),
        })
        const { rewrittenFiles, addedFiles, removedDeleteFiles } = compaction
        return {
          table,
          ...{ rewrittenFiles, addedFiles, removedDeleteFiles },
          ...{ expiredSnapshots: expiry.snapshots, droppedTags: expiry.tags, removedFiles: expiry.files },
        }
      }),
    )
  }
  // No load of floe's is at work in this turn: whatever nobody names is left over.
  const orphans = await turn(
    async ({ catalog, warehouse, now }) =>
      await removeOrphans(catalog, { warehouse, olderThan: now().getTime() - orphansOlderThan }),
  )
  const bronze = await turn(async (context) => await dropOldBronze(context, options))
  return { tables, orphans, bronze }
}

/** Exports whose last load is older than the policy; one that never loaded stays. */
async function dropOldBronze(context: LakeContext, { dropBronzeOlderThan }: MaintainOptions): Promise<DroppedBronze> {
  if (dropBronzeOlderThan === undefined) return { exports: 0, files: 0, bytes: 0 }
  const now = context.now()
  const exports = await context.engine.all<{ source: string; exportId: string }>(
    `select source, export_id as "exportId" from ${await ledgerRelation(context, 'loads')}
     where status <> 'failed' group by all
     having max(epoch_ms(coalesce(finished_at, started_at))) < ${now.getTime() - dropBronzeOlderThan} order by all`,
  )
  return await dropBronze(context.dir, exports, now)
}
