import { statSync } from 'node:fs'
import type { LakeOptions } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { needed } from '../needed.ts'
import { pathFrom } from '../paths.ts'

/** The lake that a command works on, as `openLake` takes it. */
export function lakeOptions(context: CommandContext, command: string): LakeOptions {
  const { settings, cwd } = context
  const told = needed(context, 'lake', command, `floe ${command} … --lake ./lake`)
  const dir = pathFrom(cwd, told)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false)
    throw usageError(`the lake ${told} is a file; a lake is a folder`)
  return {
    dir,
    ...(settings.memoryLimit === undefined ? {} : { memoryLimit: settings.memoryLimit }),
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
    ...(settings.requiredTypes === undefined ? {} : { requiredTypes: settings.requiredTypes }),
    ...(settings.fhirVersion === undefined ? {} : { fhirVersion: settings.fhirVersion }),
  }
}

/** The folders of the user's own views and rules, as `Lake.build` takes them. */
export function buildFolders({ settings, cwd }: CommandContext): { readonly viewsDir?: string; readonly rulesDir?: string } {
  return {
    ...(settings.views === undefined ? {} : { viewsDir: pathFrom(cwd, settings.views) }),
    ...(settings.rules === undefined ? {} : { rulesDir: pathFrom(cwd, settings.rules) }),
  }
}
