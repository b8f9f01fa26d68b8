import type { StagedChange } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import type { LakeContext } from '../silver/context.ts'
import type { BuildReceipt } from '../types.ts'
import { buildQuery } from './build-query.ts'
import { type Built, buildView } from './build-view.ts'
import type { Definition } from './definitions.ts'
import { groundOf } from './ground.ts'
import { stageTargets } from './reference-targets.ts'
import { viewFailure } from './run-view.ts'

/** Gold tables as they will be. */
export interface GoldBuild {
  readonly changes: readonly StagedChange[]
  readonly receipts: readonly BuildReceipt[]
  /** Views that failed, with their errors. */
  readonly failures: ReadonlyMap<string, unknown>
}

/**
 * Stages gold tables from ViewDefinitions and SQLQuery Libraries; hidden Encounters and what refers to them stay out (CONTRACT
 * §4, rule 11), and so do rows that failed an `error` rule. Where few resources changed only their rows are made anew. A view
 * that fails does not keep the others from being published.
 */
export async function stageGold(
  context: LakeContext,
  tables: readonly Table[],
  { definitions, signal }: { readonly definitions: readonly Definition[]; readonly signal?: AbortSignal | undefined },
): Promise<GoldBuild> {
  const ground = await groundOf(context.engine, tables, context.requiredTypes)
  const gold = new Map(tables.filter(({ namespace }) => namespace === 'gold').map((table) => [table.name, table]))
  const built: Built[] = []
  const failures = new Map<string, unknown>()
  for (const one of definitions) {
    signal?.throwIfAborted()
    try {
      const result =
        one.kind === 'view'
          ? await buildView(context, ground, one, signal)
          : await buildQuery(context, one, { gold, sources: ground.sources, signal })
      gold.set(one.name, result.table)
      built.push(result)
    } catch (error) {
      if (signal?.aborted) throw error
      gold.delete(one.name)
      failures.set(one.name, viewFailure(error))
    }
  }
  const targets = await stageTargets(context, ground)
  const changes = [...built.flatMap(({ change }) => change ?? []), ...(targets === undefined ? [] : [targets])]
  return { changes, receipts: built.map(({ receipt }) => receipt), failures }
}
