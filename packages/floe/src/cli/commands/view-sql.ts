import { check, compile } from '@floe/views'
import { usageError } from '../../errors.ts'
import type { RunCommand } from '../command.ts'
import { readView } from './view-file.ts'

/** Prints the SQL that a ViewDefinition compiles to, over the silver table of its type. */
export const run: RunCommand = async (context) => {
  const { args, settings, ui, cwd } = context
  const view = await readView(cwd, args[0] ?? '')
  const { resource } = check(view)
  const quote = settings.dialect === 'spark' ? '`' : '"'
  const table = ['silver', resource.toLowerCase()].map((name) => `${quote}${name}${quote}`).join('.')
  const { sql, columns } = compile(view, { dialect: settings.dialect, source: { kind: 'table', sql: table } })
  const plan = settings.explain === true ? await explained(context, view) : undefined
  ui.result({ sql, columns, ...(plan === undefined ? {} : { plan }) })
  if (!ui.json) await ui.write(`${sql.trimEnd()}\n${plan === undefined ? '' : `\n${plan}\n`}`)
  return 0
}

/** The engine's plan of the view on a lake, where the columns are those that the lake really has. */
async function explained(context: Parameters<RunCommand>[0], view: unknown): Promise<string> {
  if (context.settings.dialect !== 'duckdb') throw usageError('--explain shows the plan of DuckDB', '--dialect duckdb')
  if (context.settings.lake === undefined)
    throw usageError('--explain needs a lake: plans depend on its tables', 'floe view sql VIEW.json --explain --lake ./lake')
  const { openLakeOf } = await import('./with-lake.ts')
  await using lake = await openLakeOf(context, 'view sql')
  return await lake.explainView(view)
}
