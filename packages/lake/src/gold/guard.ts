import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import { usageError } from '../errors.ts'

/** Functions that act: on files, on the engine's own log, on settings, or on text that nobody has looked at. */
const acting = new Set([
  'enable_logging',
  'disable_logging',
  'truncate_duckdb_logs',
  'write_log',
  'enable_profiling',
  'disable_profiling',
  'enable_peg_parser',
  'disable_peg_parser',
  'checkpoint',
  'force_checkpoint',
  'query',
  'json_execute_serialized_sql',
  'read_duckdb',
  'arrow_scan',
  'arrow_scan_dumb',
  'seq_scan',
])

const reading = 'SELECT, WITH, VALUES, DESCRIBE, SHOW, EXPLAIN and SUMMARIZE'

/**
 * Lets exactly one reading statement pass (CONTRACT §4, rule 17) and gives it back.
 *
 * The engine's own parser decides: only SELECT, and what it makes of DESCRIBE, SHOW and SUMMARIZE, can be written as a tree; an
 * EXPLAIN is as harmless as what it explains.
 */
export async function readingStatement(engine: Engine, sql: string): Promise<ReadingStatement> {
  const { text, prefix } = withoutExplain(sql)
  const [row] = await engine.all<{ tree: string }>(`select json_serialize_sql(${literal(text)}) as tree`)
  const tree = JSON.parse(row?.tree ?? '{}') as Serialized
  if (tree.error) {
    if (tree.error_type === 'not implemented')
      throw usageError('This statement does not only read.', `A query is one of ${reading}.`)
    throw usageError(`The SQL cannot be read: ${tree.error_message ?? 'syntax error'}`)
  }
  const statements = tree.statements ?? []
  if (statements.length !== 1) throw usageError(`A query is exactly one statement; these are ${statements.length}.`)
  const names = namesIn(statements[0])
  for (const name of names.functions) {
    if (acting.has(name)) throw usageError(`The function ${name} does not only read.`)
  }
  return { ...names, statement: prefix === '' ? sql : `${prefix} ${text}` }
}

/** A statement that passed. Run `statement`, not what was asked: only of it is known that the parser saw all. */
export interface ReadingStatement extends SyntaxTree {
  readonly statement: string
}

/** What a statement names, in lower case. */
export interface SyntaxTree {
  readonly functions: ReadonlySet<string>
  readonly tables: ReadonlySet<string>
  /** Names of its common table expressions. */
  readonly common: ReadonlySet<string>
  /** It asks which tables there are, so all of them have to be there. */
  readonly lists: boolean
}

interface Serialized {
  readonly error?: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

const explain =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(explain\b\s*(?:analyze\b\s*)?(?:\(\s*(?:analyze|format\s+\w+)(?:\s*,\s*(?:analyze|format\s+\w+))*\s*\)\s*)?)/i

/**
 * What is explained, and how. The engine's comments nest, those of the pattern do not: a text that it takes for a comment may
 * hold an `explain` here, so the comments before it are left behind.
 */
function withoutExplain(sql: string): { readonly text: string; readonly prefix: string } {
  const [all, prefix] = explain.exec(sql) ?? []
  return all === undefined || prefix === undefined
    ? { text: sql, prefix: '' }
    : { text: sql.slice(all.length), prefix: prefix.trim() }
}

function namesIn(tree: unknown): SyntaxTree {
  const [functions, tables, common] = [new Set<string>(), new Set<string>(), new Set<string>()]
  let lists = false
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const entries = Object.entries(node)
    for (const [key, value] of entries) {
      if (key === 'function_name' && typeof value === 'string') functions.add(value.toLowerCase())
      if (key === 'table_name' && typeof value === 'string') tables.add(value.toLowerCase())
      if (key === 'type' && value === 'SHOW_REF') lists = true
      if (key === 'schema_name' && typeof value === 'string' && /^(information_schema|pg_catalog)$/i.test(value)) lists = true
      if (key === 'cte_map') for (const name of commonNames(value)) common.add(name)
      visit(value)
    }
  }
  visit(tree)
  for (const name of [...functions, ...tables]) if (/^(duckdb|pragma|query_table|pg)_?/.test(name)) lists = true
  return { functions, tables, common, lists }
}

function commonNames(value: unknown): string[] {
  const { map = [] } = value as { map?: readonly { key?: unknown }[] }
  return map.flatMap(({ key }) => (typeof key === 'string' ? [key.toLowerCase()] : []))
}
