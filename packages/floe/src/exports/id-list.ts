import { readFileSync } from 'node:fs'
import { usageError } from '../errors.ts'

/** A list of patients: logical ids, or numbers of another system (`mrn`). */
export interface IdList {
  readonly column: 'id' | 'mrn'
  readonly values: string[]
}

/** Reads a list of patients: one id to a line, or CSV with a header that names a column `id` or `mrn`. Each once, in order. */
export function readIdList(path: string): IdList {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
  } catch (cause) {
    throw usageError(`the list of patients ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  }
  const rows = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cells)
  const head = rows[0]?.map((cell) => cell.toLowerCase()) ?? []
  const column = head.includes('id') ? 'id' : head.includes('mrn') ? 'mrn' : undefined
  if (column === undefined && head.length > 1) {
    throw usageError(`the list of patients ${path} has several columns and none is called id or mrn`, 'name it in the first line')
  }
  const at = column === undefined ? 0 : head.indexOf(column)
  const values = (column === undefined ? rows : rows.slice(1)).map((row) => row[at] ?? '').filter((value) => value !== '')
  if (values.length === 0) throw usageError(`the list of patients ${path} is empty`)
  return { column: column ?? 'id', values: [...new Set(values)] }
}

/** The cells of one line of CSV; a cell in quotes may hold commas, and quotes that are doubled. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, plain = '']) =>
    (quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim(),
  )
}
