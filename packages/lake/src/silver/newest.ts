import { literal } from '../engine/sql.ts'

/** A version id as the number by which newest wins goes; one that is no number counts as 0 (CONTRACT §4, rule 9). */
export const versionNumber = (column: string): string =>
  `coalesce(try_cast(case when regexp_full_match(${column}, '[0-9]{1,38}') then ${column} end as hugeint), 0::hugeint)`

/** More than any version number. */
export const noVersion = '170141183460469231731687303715884105727::hugeint'

/** An instant as a DuckDB literal. */
export function instant(text: string): string {
  return `timestamptz ${literal(text)}`
}

/**
 * SQL for `meta.lastUpdated` as an instant; null for what is none: the engine would also take `epoch`, `infinity` and years of
 * six digits.
 */
export function lastUpdatedOf(text: string): string {
  return `try_cast(case when ${text} < ':' and substr(${text}, 5, 1) = '-' then ${text} end as timestamptz)`
}
