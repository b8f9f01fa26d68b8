import { flagOf, waysToSet } from '../config/option.ts'
import { type OptionKey, options } from '../config/options.ts'
import { usageError } from '../errors.ts'
import type { CommandContext } from './command.ts'

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
