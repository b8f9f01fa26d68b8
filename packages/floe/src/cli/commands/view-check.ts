import { check, ViewError } from '@floe/views'
import type { RunCommand } from '../command.ts'
import { errorJson, errorLines, shownError } from '../report-error.ts'
import { counted } from '../ui/format.ts'
import { readView } from './view-file.ts'

interface Checked {
  readonly file: string
  readonly name: string | null
  readonly ok: boolean
  readonly error?: { readonly message: string; readonly path: string; readonly hint: string | null }
}

/** Says of each file whether it is a right ViewDefinition; a wrong one is exit 2. */
export const run: RunCommand = async ({ args, ui, cwd, streams }) => {
  const checked: Checked[] = []
  let first: unknown
  for (const file of args) {
    try {
      const { name } = check(await readView(cwd, file))
      checked.push({ file, name: name ?? null, ok: true })
      ui.say(`${file}: right`)
    } catch (error) {
      const shown = shownError(error)
      if (shown.exitCode !== 2) throw error
      first ??= error
      const path = error instanceof ViewError ? error.path : ''
      checked.push({ file, name: null, ok: false, error: { message: shown.message, path, hint: shown.hint } })
      if (!ui.json)
        streams.stderr.write(`${errorLines({ ...shown, message: `${file}: ${shown.message}` }, ui.verbosity).join('\n')}\n`)
    }
  }
  const wrong = checked.filter((one) => !one.ok).length
  ui.result({ views: checked })
  if (args.length > 1)
    ui.say(wrong === 0 ? `${counted(args.length, 'view')}, all right` : `${wrong} of ${counted(args.length, 'view')} wrong`)
  if (wrong === 0) return 0
  if (ui.json) streams.stderr.write(`${errorJson(shownError(first))}\n`)
  return 2
}
