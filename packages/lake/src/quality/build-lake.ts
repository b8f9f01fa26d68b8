import { fhirVersion } from '@floe/views/fhir'
import { type GoldBuild, stageGold } from '../gold/build.ts'
import { chosenDefinitions, compiles } from '../gold/definitions.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import type { StagedChange } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import { discard, type LakeContext } from '../silver/context.ts'
import type { BuildOptions, BuildReceipt, RefreshOptions } from '../types.ts'
import { stageQuality } from './check.ts'
import { chosenRules, type Rule, viewOf } from './rule.ts'

/**
 * Checks silver against the rules, then (re)builds gold; both are published at once. A view that fails is thrown after the others
 * are there.
 */
export async function buildLake(context: LakeContext, tables: readonly Table[], options: BuildOptions): Promise<BuildReceipt[]> {
  const rules = await rulesOf(options.rulesDir)
  const definitions = await chosenDefinitions(options)
  const { receipts, failures } = await publish(context, tables, { rules, definitions, signal: options.signal })
  const [failure] = failures.values()
  if (failure !== undefined) throw failure
  return [...receipts]
}

/** What became of gold tables whose silver was changed under them. */
export interface Refreshed {
  readonly gold: readonly BuildReceipt[]
  /** Gold tables that hold the former state still: their views are not known here, or failed. */
  readonly stale: readonly string[]
}

/**
 * Makes the gold tables that are there agree with silver again, in the catalog of `context`; nothing where nothing was ever
 * built.
 */
export async function refreshGold(
  context: LakeContext,
  tables: readonly Table[],
  { signal, ...folders }: RefreshOptions,
): Promise<Refreshed> {
  const there = tables.filter(({ namespace }) => namespace === 'gold').map(({ name }) => name)
  if (there.length === 0) return { gold: [], stale: [] }
  const rules = await rulesOf(folders.rulesDir)
  const definitions = (await chosenDefinitions(folders)).filter(({ name }) => there.includes(name))
  const { receipts, failures } = await publish(context, tables, { rules, definitions, signal })
  const known = new Set(definitions.map(({ name }) => name))
  return { gold: receipts, stale: there.filter((name) => !known.has(name) || failures.has(name)).map((name) => `gold.${name}`) }
}

/** The bundled rules are of R4: of other releases those that read the same. */
async function rulesOf(folder: string | undefined): Promise<readonly Rule[]> {
  const rules = await chosenRules(folder)
  return fhirVersion() === 'R4' ? rules : rules.filter((rule) => compiles(viewOf([rule])))
}

type ToBuild = Parameters<typeof stageGold>[2] & Parameters<typeof stageQuality>[2]

async function publish(context: LakeContext, tables: readonly Table[], what: ToBuild): Promise<GoldBuild> {
  const quality = await stageQuality(context, tables, what)
  const replaced = new Set(quality.map(({ name }) => name))
  const seen = tables.filter(({ namespace, name }) => namespace !== 'floe' || !replaced.has(name))
  let gold: GoldBuild
  try {
    gold = await stageGold(context, [...seen, ...quality.map(({ table }) => table)], what)
  } catch (error) {
    await discard(quality.flatMap(({ written }) => written.map((path) => ({ path }))))
    throw error
  }
  const changes: StagedChange[] = [...quality, ...gold.changes]
  if (changes.length > 0) {
    for (const namespace of new Set(changes.map((change) => change.namespace))) context.catalog.createNamespace(namespace)
    await commitWithRetry(context.catalog, async () => changes, { retries: 0 })
  }
  return gold
}
