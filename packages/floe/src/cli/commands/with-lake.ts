import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkFolders, type Lake, type LakeOptions, type LoadOptions, openLake } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { shownPath } from '../paths.ts'
import { lakeOptions } from './lake-options.ts'

/** Opens the lake of a command. A lake that is not there is said with its folder and with what makes one. */
export async function openLakeOf(context: CommandContext, command: string): Promise<Lake> {
  const options = lakeOptions(context, command)
  try {
    return await openLake(options)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'no-lake') throw error
    const shown = shownPath(context.cwd, options.dir)
    throw usageError(`there is no lake in ${shown}`, `floe etl FOLDER --lake ${shown}   # makes one`)
  }
}

/** Opens the lake that folders are loaded into. Where there is none yet, it is made only when the folders can be loaded. */
export async function openLakeForLoad(options: LakeOptions, load: LoadOptions): Promise<Lake> {
  if (!existsSync(join(options.dir, 'catalog.db'))) await checkFolders(load, options.fhirVersion)
  return await openLake({ ...options, create: true })
}
