import { expect } from 'vitest'
import type { Result } from './sources.ts'
import type { SuiteCase } from './suite.ts'

/** Rows in an order of their own: a view promises none. */
const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row, ordered)).sort()
const ordered = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Whether a result, or that there is none, is what a case of the suite expects. */
export function checkCase(it: SuiteCase, result: Result | { error: unknown }): void {
  if (it.expectError) expect(result).toHaveProperty('error')
  else if ('error' in result) throw result.error
  if ('error' in result) return
  if (it.expectColumns) expect(result.columns).toEqual(it.expectColumns)
  if (it.expectCount !== undefined) expect(result.rows).toHaveLength(it.expectCount)
  if (it.expect && !it.expectColumns) expect(sorted(result.rows)).toEqual(sorted(it.expect))
}
