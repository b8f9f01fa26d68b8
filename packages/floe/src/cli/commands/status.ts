import type { ExportState } from '@floe/client/export-folder'
import { usageError } from '../../errors.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { lakeStatusLines } from '../status-report.ts'
import { bytes, count, counted, localTime } from '../ui/format.ts'
import { stateOf } from './resume.ts'

/** Of an export folder, or of a lake. */
export const run: RunCommand = async (context) => {
  const { args, settings, ui, cwd, configured } = context
  const folder = args[0] === undefined ? undefined : pathFrom(cwd, args[0])
  if (folder === undefined && settings.lake === undefined) {
    throw usageError('status needs an export folder or a lake', 'floe status --lake ./lake', ['Or: floe status ./export'])
  }
  const exported = folder === undefined ? undefined : await stateOf(context, folder)
  const facts = exported === undefined ? undefined : exportFacts(exported)
  if (exported !== undefined && folder !== undefined) ui.say(...exportLines(context, folder, exported))
  // A lake that only the configuration names is not what was asked for.
  if (folder !== undefined && configured.origins.get('lake')?.from !== 'flag') {
    ui.result({ export: facts })
    return 0
  }
  // Here and not above: the state of an export folder needs no engine.
  const { openLakeOf } = await import('./with-lake.ts')
  await using lake = await openLakeOf(context, 'status')
  const [report, tables] = [await lake.status(), ui.json ? [] : await lake.tables()]
  ui.result({ ...(facts === undefined ? {} : { export: facts }), ...report })
  ui.say(
    ...lakeStatusLines(report, tables, ui),
    ...(report.loads.length === 0 ? [`  floe load FOLDER --lake ${pasted(cwd, lake.dir)}`] : []),
  )
  return 0
}

/** What may be told of a folder: never the status URL, never patient ids. */
function exportFacts(state: ExportState): Record<string, unknown> {
  const done = state.files.filter((file) => file.done !== null)
  return {
    exportId: state.exportId,
    phase: state.phase,
    fhirUrl: state.fhirUrl,
    level: state.request.level,
    group: state.request.groupId ?? null,
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    transactionTime: state.transactionTime,
    files: { done: done.length, total: state.files.length },
    resources: done.reduce((sum, file) => sum + (file.done?.lines ?? 0), 0),
    bytes: done.reduce((sum, file) => sum + (file.done?.bytes ?? 0), 0),
    exitCode: state.exitCode,
  }
}

const phases: Readonly<Record<ExportState['phase'], string>> = {
  kickoff: 'the server has not taken the kick-off yet',
  'in-progress': 'the server is working on it',
  downloading: 'downloading',
  complete: 'complete',
  gone: 'ended at the server: its job failed or is not there any more',
  cancelled: 'cancelled',
}

function exportLines({ cwd }: CommandContext, folder: string, state: ExportState): string[] {
  const done = state.files.filter((file) => file.done !== null)
  const sum = (key: 'bytes' | 'lines'): number => done.reduce((total, file) => total + (file.done?.[key] ?? 0), 0)
  const level = state.request.level === 'group' ? `Group/${state.request.groupId}` : state.request.level
  const here = pasted(cwd, folder)
  const verdict =
    state.phase === 'complete' && state.exitCode === 7
      ? 'complete, with errors reported by the server or counts that differ'
      : state.phase === 'kickoff' && typeof state.kickoffSentAt === 'string'
        ? `a kick-off was sent ${localTime(state.kickoffSentAt)}, and its answer was not kept: the server may have a job of it`
        : phases[state.phase]
  const next: Record<ExportState['phase'], string> = {
    kickoff: `floe resume ${here}`,
    'in-progress': `floe resume ${here}`,
    downloading: `floe resume ${here}`,
    complete: `floe load ${here} --lake ./lake`,
    gone: 'floe export … starts a new one, in another folder',
    cancelled: 'floe export … starts a new one, in another folder',
  }
  return [
    `${shownPath(cwd, folder)} · ${level} at ${new URL(state.fhirUrl).host} · begun ${localTime(state.startedAt)}`,
    ...(state.transactionTime === null ? [] : [` data as of ${localTime(state.transactionTime)}`]),
    ...(state.files.length === 0
      ? []
      : [
          ` ${count(done.length)} of ${counted(state.files.length, 'file')} · ${counted(sum('lines'), 'resource')} · ${bytes(sum('bytes'))}`,
        ]),
    verdict,
    `  ${next[state.phase]}`,
  ]
}
