import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { QueryResult, ResultColumn } from '@floe/lake'
import { counted } from './ui/format.ts'
import { type Column, fitWidths, naturalWidths, oneLine, tableLine } from './ui/table.ts'

/** `object` is the one object of `--json`: columns and rows. */
export type RowFormat = 'table' | 'csv' | 'ndjson' | 'json' | 'object'

/** Takes text; false when nobody reads it any more. */
export type Write = (text: string) => Promise<boolean>

type Row = Record<string, unknown>

/** Rows that a table's widths are taken from; later ones are cut to them, so that memory does not grow with the result. */
const sampled = 1000
/** Columns of a table where there is no terminal to fit. */
const widestCell = 120

const integers = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/
const numbers = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL.*|DOUBLE|FLOAT)$/

/** Prints a result in a format and gives the number of rows printed. */
export async function printRows(result: QueryResult, format: RowFormat, write: Write, width: number): Promise<number> {
  switch (format) {
    case 'csv':
      return await printCsv(result, write)
    case 'ndjson':
      return await printNdjson(result, write)
    case 'json':
      return await printJson(result, write)
    case 'object':
      return await printObject(result, write)
    case 'table':
      return await printTable(result, write, width)
  }
}

/** A row as JSON text: whole numbers beyond 2^53 come as text from the engine and are numbers here. */
function jsonOf(row: Row, columns: readonly ResultColumn[]): string {
  const values: Row = {}
  for (const { name, type } of columns) {
    const value = row[name]
    const wide = typeof value === 'string' && integers.test(type) && /^-?\d+$/.test(value)
    values[name] = wide ? rawNumber(value) : (value ?? null)
  }
  return JSON.stringify(values)
}

/** `JSON.rawJSON` (ECMAScript proposal, in Node 22 and later; the compiler's library does not know it yet). */
function rawNumber(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
}

async function printNdjson({ rows, columns }: QueryResult, write: Write): Promise<number> {
  let printed = 0
  for await (const chunk of rows) {
    printed += chunk.length
    if (chunk.length > 0 && !(await write(`${chunk.map((row) => jsonOf(row, columns)).join('\n')}\n`))) break
  }
  return printed
}

async function printJson({ rows, columns }: QueryResult, write: Write): Promise<number> {
  let printed = 0
  for await (const chunk of rows) {
    const text = chunk.map((row, index) => `${printed + index === 0 ? '[' : ',\n'}${jsonOf(row, columns)}`).join('')
    printed += chunk.length
    if (text !== '' && !(await write(text))) return printed
  }
  await write(printed === 0 ? '[]\n' : ']\n')
  return printed
}

async function printObject(result: QueryResult, write: Write): Promise<number> {
  await write(`{"columns":${JSON.stringify(result.columns)},"rows":`)
  const printed = await printJson(result, async (text) => write(text.replace(/\n$/, '')))
  await write('}\n')
  return printed
}

/** A value as text: nested values as JSON. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** RFC 4180: quotes where a separator, a quote or a line break stands; no value is an empty field, an empty text is `""`. */
function csvField(value: unknown): string {
  const text = textOf(value)
  if (text === '' && value === '') return '""'
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

async function printCsv({ rows, columns }: QueryResult, write: Write): Promise<number> {
  let printed = 0
  if (!(await write(`${columns.map((column) => csvField(column.name)).join(',')}\r\n`))) return 0
  for await (const chunk of rows) {
    printed += chunk.length
    const text = chunk.map((row) => `${columns.map((column) => csvField(row[column.name])).join(',')}\r\n`).join('')
    if (text !== '' && !(await write(text))) break
  }
  return printed
}

async function printTable({ rows, columns }: QueryResult, write: Write, width: number): Promise<number> {
  const heads = columns.map(
    (column): Column => ({ title: oneLine(column.name), align: numbers.test(column.type) ? 'right' : 'left' }),
  )
  const cells = (row: Row): string[] => columns.map((column) => oneLine(textOf(row[column.name])))
  let held: string[][] | undefined = []
  let widths: number[] = []
  let printed = 0
  const layOut = (): string => {
    const sample = held ?? []
    const natural = naturalWidths(heads, sample)
    widths = Number.isFinite(width) ? fitWidths(natural, width) : natural.map((one) => Math.min(one, widestCell))
    held = undefined
    return `${[heads.map((head) => head.title), ...sample].map((row) => tableLine(row, heads, widths)).join('\n')}\n`
  }
  for await (const chunk of rows) {
    printed += chunk.length
    if (held !== undefined) {
      held.push(...chunk.map(cells))
      if (held.length >= sampled && !(await write(layOut()))) return printed
    } else if (chunk.length > 0 && !(await write(`${chunk.map((row) => tableLine(cells(row), heads, widths)).join('\n')}\n`)))
      return printed
  }
  if (held !== undefined) await write(layOut())
  await write(`(${counted(printed, 'row')})\n`)
  return printed
}

/** Runs `print` on a new file beside `path` and puts it in place when it is whole; a failure leaves what was there. */
export async function writeFileWhole(path: string, print: (write: Write) => Promise<number>): Promise<number> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  const file = await open(part, 'wx', 0o600)
  try {
    const printed = await print(async (text) => {
      await file.writeFile(text)
      return true
    })
    await file.sync()
    await file.close()
    await rename(part, path)
    return printed
  } catch (error) {
    await file.close().catch(() => {})
    await rm(part, { force: true })
    throw error
  }
}
