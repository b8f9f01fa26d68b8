import { type ExitCode, FloeError, usageError } from '../../errors.ts'
import type { Turn } from '../../pipeline.ts'
import type { CommandContext } from '../command.ts'
import { incomplete } from '../incomplete.ts'
import { errorJson, type ShownError, shownError } from '../report-error.ts'
import { sourceUis } from '../source-ui.ts'
import { counted } from '../ui/format.ts'

/** Lightest first: what can be taken up again weighs less than what has to be put right. */
const byWeight: readonly ExitCode[] = [0, 7, 6, 5, 4, 3, 2, 1, 130]

interface Ended {
  readonly source: string
  readonly exitCode: ExitCode
  readonly error?: ShownError
}

/** Every source of the configuration file into one lake: exports side by side, loads in turn; a failure stops no other source. */
export async function runSources(
  context: CommandContext,
  runOne: (context: CommandContext, turn: Turn) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { configured, args, settings, ui } = context
  const names = configured.sources
  if (names.length === 0) {
    const file = configured.file ?? 'floe.config.json'
    throw usageError(
      `--all-sources: ${file} has no "sources"`,
      '"sources": { "epic": { "fhirUrl": "https://…", "group": "42" } }',
    )
  }
  if (args.length > 0 || configured.origins.get('source')?.from === 'flag') {
    throw usageError('--all-sources goes without INPUT and --source', 'leave one of them out')
  }
  if (settings.exportTo !== undefined) throw usageError('--all-sources exports into the lake: --export-to does not go with it')
  const turn = inTurn()
  const uis = sourceUis(ui)
  const results = new Map<string, object>()
  const ended = await Promise.all(
    names.map(async (source): Promise<Ended> => {
      const sourceUi = uis.of(source, (result) => results.set(source, result))
      try {
        const own = await configured.forSource(source)
        const exitCode = await runOne(
          {
            ...context,
            args: [],
            settings: own.settings,
            configured: own,
            ui: sourceUi,
            goesOnWith: () => {},
          },
          turn,
        )
        return { source, exitCode }
      } catch (cause) {
        sourceUi.settle()
        const error = shownError(cause)
        sourceUi.warn(error.message)
        return { source, exitCode: error.exitCode, error }
      }
    }),
  )
  return report(context, ended, results)
}

function report(context: CommandContext, ended: readonly Ended[], results: ReadonlyMap<string, object>): ExitCode {
  const { ui, signal } = context
  const worst = ended.toSorted((a, b) => byWeight.indexOf(b.exitCode) - byWeight.indexOf(a.exitCode))[0]
  const exitCode = worst?.exitCode ?? 0
  const entries = ended.map(({ source, exitCode: own, error }) => {
    const failed = error === undefined ? {} : (JSON.parse(errorJson(error)) as object)
    return [source, { ...results.get(source), ...failed, exitCode: own }]
  })
  ui.result({ sources: Object.fromEntries(entries), exitCode })
  const lines = ended.map(
    ({ source, exitCode: own }) => ` ${source}: ${own === 0 ? 'complete' : own === 7 ? 'with gaps' : `failed (exit ${own})`}`,
  )
  ui.say('', ...lines)
  if (worst === undefined || exitCode === 0) return 0
  const many = counted(ended.length, 'source')
  if (worst.error === undefined) {
    const verdict = `${many}, with gaps: ${ended.filter((one) => one.exitCode === 7).map(({ source }) => source)}`
    return incomplete(context, verdict, context.commandLine)
  }
  signal.throwIfAborted()
  const failed = ended.filter((one) => one.error !== undefined)
  throw new FloeError(worst.error.code, `${failed.length} of ${many} failed`, {
    exitCode,
    evidence: failed.map(({ source, error }) => `${source}: ${error?.message ?? ''}`),
    hint: worst.error.hint ?? context.commandLine,
    retryable: failed.every(({ error }) => error?.retryable === true),
  })
}

/** One after another, in the order of asking; who fails makes room as well. */
function inTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}
