import { commitWithRetry } from '../iceberg/commit.ts'
import type { Table } from '../iceberg/table.ts'
import type { LakeContext } from '../silver/context.ts'
import type { BuildOptions, BuildReceipt } from '../types.ts'
import { buildQuery } from './build-query.ts'
import { type Built, buildView } from './build-view.ts'
import { chosenDefinitions } from './definitions.ts'
import { groundOf } from './ground.ts'
import { viewFailure } from './run-view.ts'

/**
 * (Re)builds gold tables from ViewDefinitions and SQLQuery Libraries; hidden Encounters and what refers to them stay out (CONTRACT §4, rule 11),
 * and so do rows that failed an `error` rule. Where few resources changed only their rows are made anew. All tables are published at once. A
 * view that fails does not keep the others from being published; its error is thrown afterwards.
 */
export async function buildGold(context: LakeContext, tables: readonly Table[], options: BuildOptions): Promise<BuildReceipt[]> {
  const { signal } = options
  const definitions = await chosenDefinitions(options)
  const ground = await groundOf(context.engine, tables, context.requiredTypes)
  const gold = new Map(tables.filter(({ namespace }) => namespace === 'gold').map((table) => [table.name, table]))
  const built: Built[] = []
  let failure: unknown
  for (const one of definitions) {
    signal?.throwIfAborted()
    try {
      const result =
        one.kind === 'view' ? await buildView(context, ground, one, signal) : await buildQuery(context, one, { gold, signal })
      gold.set(one.name, result.table)
      built.push(result)
    } catch (error) {
      if (signal?.aborted) throw error
      gold.delete(one.name)
      failure ??= viewFailure(error)
    }
  }
  const changes = built.flatMap(({ change }) => change ?? [])
  if (changes.length > 0) {
    context.catalog.createNamespace('gold')
    await commitWithRetry(context.catalog, async () => changes, { retries: 0 })
  }
  if (failure !== undefined) throw failure
  return built.map(({ receipt }) => receipt)
}
