import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { resolveSecret } from '@floe/client'
import type { OutTarget } from '@floe/lake'
import { usageError } from '../errors.ts'
import type { CommandContext, RunCommand } from './command.ts'
import { openLakeOf } from './commands/with-lake.ts'
import { needed } from './needed.ts'
import { pathFrom, shownPath } from './paths.ts'
import { counted, duration } from './ui/format.ts'
import { outLines, stepsView } from './upkeep-report.ts'

/** `floe out …`: the lake's tables as some other program takes them. */
export function outCommand(kind: OutTarget['kind']): RunCommand {
  return async (context) => {
    const { settings, ui, signal } = context
    const started = performance.now()
    const target = await targetOf(context, kind)
    await using lake = await openLakeOf(context, `out ${kind}`)
    const view = stepsView('writing')
    const receipt = await lake.out(target, {
      overwrite: settings.overwrite === true,
      signal,
      onProgress: ({ table, done, total }) => ui.live(view.told(done, total, table)),
    })
    ui.settle()
    ui.result(receipt)
    const rows = receipt.tables.reduce((sum, table) => sum + table.rows, 0)
    ui.say(
      ...outLines(receipt, ui),
      '',
      `${counted(receipt.tables.length, 'table')} · ${counted(rows, 'row')} · ${placeOf(context, target)} · ${duration(performance.now() - started)}`,
    )
    return 0
  }
}

async function targetOf(context: CommandContext, kind: OutTarget['kind']): Promise<OutTarget> {
  const { settings, cwd, env } = context
  const to = needed(context, 'to', `floe out ${kind}`, examples[kind])
  const tables = settings.table === undefined ? {} : { tables: settings.table }
  if (kind === 'postgres') {
    const plain = /^postgres(ql)?:\/\//.test(to)
    // Who may list processes, or reads the shell's history, would know it.
    if (plain && /^\w+:\/\/[^@/?]*:[^@/?]+@/.test(to))
      throw usageError('the address holds a password: on a command line everybody on this machine may see it', examples.postgres)
    const url = plain ? to : await resolveSecret(to, env)
    return { kind, url, ...tables, ...(settings.postgresSchema === undefined ? {} : { schema: settings.postgresSchema }) }
  }
  const path = pathFrom(cwd, to)
  const found = statSync(path, { throwIfNoEntry: false })
  if (kind !== 'cumulus') {
    if (found?.isDirectory() === false) throw usageError(`${shownPath(cwd, path)} is a file; --to takes a folder`)
    return { kind, dir: path, ...tables }
  }
  if (found?.isDirectory() === true) throw usageError(`${shownPath(cwd, path)} is a folder; --to takes a file`, examples.cumulus)
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw usageError(`the folder of ${shownPath(cwd, path)} is not there`, `mkdir -p ${dirname(path)}`)
  return { kind, file: path, ...(settings.onlySource === undefined ? {} : { source: settings.onlySource }) }
}

const examples: Readonly<Record<OutTarget['kind'], string>> = {
  cumulus: 'floe out cumulus --to cumulus.duckdb --lake ./lake',
  ndjson: 'floe out ndjson --to ./out --lake ./lake',
  csv: 'floe out csv --to ./out --lake ./lake',
  parquet: 'floe out parquet --to ./out --lake ./lake',
  postgres: 'floe out postgres --to env:DATABASE_URL --lake ./lake',
}

/** The address of a database may hold its password. */
function placeOf({ cwd }: CommandContext, target: OutTarget): string {
  if (target.kind === 'postgres') return 'PostgreSQL'
  return shownPath(cwd, target.kind === 'cumulus' ? target.file : target.dir)
}
