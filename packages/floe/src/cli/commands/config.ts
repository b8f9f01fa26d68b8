import type { OptionSpec } from '../../config/option.ts'
import { configurable, type OptionKey } from '../../config/options.ts'
import { configSchema } from '../../config/schema.ts'
import type { Origin } from '../../config/values.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { shownPath } from '../paths.ts'
import { table } from '../ui/table.ts'

/** Every option with its value and where it came from. */
export const run: RunCommand = async (context) => {
  const { settings, ui, configured } = context
  if (settings.schema === true) {
    await ui.write(`${JSON.stringify(configSchema(), null, 2)}\n`)
    return 0
  }
  const rows = configurable()
    .filter((spec) => spec.key !== 'config')
    .map((spec) => {
      const origin = configured.origins.get(spec.key as OptionKey)
      return { option: spec.key, value: masked(spec, settings[spec.key as OptionKey]), from: originText(origin, context) }
    })
  ui.result({ file: configured.file ?? null, options: rows, notices: configured.notices })
  const told = rows.map((row) => [row.option, valueText(row.value), row.from])
  ui.say(...table([{ title: 'option' }, { title: 'value' }, { title: 'from' }], told, { width: ui.width }))
  ui.say(
    '',
    `configuration file: ${configured.file === undefined ? 'none (floe.config.json, floe.config.ts or --config FILE)' : shownPath(context.cwd, configured.file)}`,
  )
  for (const notice of configured.notices) ui.warn(`floe: ${notice}`)
  return 0
}

/** References are shown, since they are none of the secret; whatever else could stand in a secret is not. */
function masked(spec: OptionSpec, value: unknown): unknown {
  if (spec.type !== 'secret' || value === undefined) return value ?? null
  return typeof value === 'string' && /^(env:[A-Za-z_]\w*|file:.+)$/s.test(value) ? value : '********'
}

function valueText(value: unknown): string {
  if (value === null) return ''
  return Array.isArray(value) ? value.join(',') : String(value)
}

function originText(origin: Origin | undefined, { cwd }: CommandContext): string {
  if (origin === undefined) return ''
  if (origin.from === 'file') return shownPath(cwd, origin.at)
  return origin.from === 'flag' ? origin.at : origin.from === 'environment' ? origin.at : 'default'
}
