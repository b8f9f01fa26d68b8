import { statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import type { LakeOptions } from '@floe/lake'
import { flagOf, waysToSet } from '../../config/option.ts'
import { type OptionKey, options } from '../../config/options.ts'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { shellWord } from '../ui/format.ts'

/** An option that a command cannot do without. */
export function needed<K extends OptionKey>(
  { settings }: CommandContext,
  key: K,
  command: string,
  example: string,
): NonNullable<CommandContext['settings'][K]> {
  const value = settings[key]
  if (value !== undefined && value !== null) return value as NonNullable<CommandContext['settings'][K]>
  const spec = options.find((one) => one.key === key)
  if (spec === undefined) throw new Error(`no option ${key}`)
  const ways = spec.flagOnly === true ? [] : [`It is told by ${waysToSet(spec)}.`]
  throw usageError(`${command} needs ${flagOf(spec)}: ${spec.help}`, example, ways)
}

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

/** A path as told, absolute; `file://` addresses are paths. */
export function pathFrom(cwd: string, told: string): string {
  const path = /^file:\/\//i.test(told) ? decodeURIComponent(new URL(told).pathname) : told
  return isAbsolute(path) ? path : resolve(cwd, path)
}

/** A path as a person would type it here: relative where that is shorter. */
export function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path)
  if (near === '') return '.'
  if (near.startsWith('..') || isAbsolute(near)) return path
  return near.startsWith('.') ? near : `./${near}`
}

/** A path ready to be pasted into a command. */
export function pasted(cwd: string, path: string): string {
  return shellWord(shownPath(cwd, path))
}

/** Ends a command with exit 7: the text report has said why; `--json` gets it as the last line of standard error, too. */
export function incomplete({ ui, streams }: Pick<CommandContext, 'ui' | 'streams'>, message: string, hint: string | null): 7 {
  if (ui.json) streams.stderr.write(`${JSON.stringify({ error: { code: 'incomplete', message, hint, retryable: false } })}\n`)
  return 7
}
