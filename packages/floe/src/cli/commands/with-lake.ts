import { type Lake, type LakeOptions, openLake } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { lakeOptions, shownPath } from './common.ts'

/** Opens the lake of a command. A lake that is not there is said with its folder and with what makes one. */
export async function openLakeOf(
  context: CommandContext,
  command: string,
  { create = false }: { create?: boolean } = {},
): Promise<Lake> {
  return await openLakeAt(context.cwd, lakeOptions(context, command, { create }))
}

export async function openLakeAt(cwd: string, options: LakeOptions): Promise<Lake> {
  try {
    return await openLake(options)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'no-lake') throw error
    const shown = shownPath(cwd, options.dir)
    throw usageError(`there is no lake in ${shown}`, `floe etl FOLDER --lake ${shown}   # makes one`)
  }
}
