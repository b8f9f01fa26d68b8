/** A DuckDB identifier, always quoted: FHIR has columns named `end`, `order` and `when`. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A DuckDB literal. Backslashes are plain in DuckDB; a NUL cannot be part of its SQL text and is refused. */
export function literal(value: string | number | bigint | boolean | null): string {
  if (value === null) return 'null'
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError('a SQL literal cannot hold a NUL character')
    return `'${value.replaceAll("'", "''")}'`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'::double`
  return String(value)
}

/** A list of literals: `['a', 'b']`. */
export function literals(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `[${values.map(literal).join(', ')}]`
}
