import type { Table } from '../iceberg/table.ts'
import type { GateState } from './ground.ts'

/** Property of a gold table: what it was made of. The same again is left alone; what differs tells which rows to make anew. */
export const madeOfProperty = 'floe.made-of'

export interface MadeOf {
  /** The view with the SQL that this version of floe makes of it. */
  readonly view: string
  /** Snapshot of the silver table; null for a type that was never loaded. */
  readonly silver: string | null
  /** Rows that stay out, as far as they concern the view. */
  readonly gate: string
  readonly gateState: GateState
  /** What conditional references were looked up in; empty where the view has none. */
  readonly identifiers: string
}

export function madeOf(table: Table | undefined): MadeOf | undefined {
  try {
    const parsed: unknown = JSON.parse(table?.metadata.properties[madeOfProperty] ?? 'null')
    return typeof parsed === 'object' && parsed !== null && 'gateState' in parsed ? (parsed as MadeOf) : undefined
  } catch {
    return undefined
  }
}

export function sameMaking(a: MadeOf, b: MadeOf): boolean {
  return a.view === b.view && a.silver === b.silver && a.gate === b.gate && a.identifiers === b.identifiers
}
