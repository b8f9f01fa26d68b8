import { resolve } from 'node:path'
import {
  authFromReference,
  type BulkClientOptions,
  type ExportEvent,
  type ExportRequest,
  type TransferOptions,
} from '@floe/client'
import { type ExportState, readState } from '@floe/client/export-folder'
import type { OptionKey } from '../../config/options.ts'
import { type ExitCode, usageError } from '../../errors.ts'
import { additionsOf, authMethod, type ExportPlan, transferOptions } from '../../exports/plan.ts'
import { exportTitle, resumeExport } from '../../exports/run.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { exportProgress } from '../export-progress.ts'
import { finishExport } from '../export-report.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'

/** Goes on with the export of a folder; the folder knows the server, the request and the references of secrets. */
export const run: RunCommand = async (context) => await resumeFolder(context, pathFrom(context.cwd, context.args[0] ?? ''))

export async function resumeFolder(context: CommandContext, folder: string): Promise<ExitCode> {
  const { ui, cwd, signal } = context
  const state = await stateOf(context, folder)
  const resumeLine = `floe resume ${pasted(cwd, folder)}`
  context.goesOnWith(resumeLine)
  const plan = planFromState(context, state)
  const draw = (request: ExportRequest): ((event: ExportEvent) => void) =>
    exportProgress(ui, { title: exportTitle(request, state.fhirUrl, undefined), resumeLine })
  const { receipt, newMembers } = await resumeExport({ plan, state, folder, signal, onStart: draw })
  return finishExport(context, receipt, newMembers)
}

/** What the folder keeps, with what was told again on top of it. */
function planFromState(context: CommandContext, state: ExportState): ExportPlan {
  const { settings } = context
  const told = additionsOf(settings)
  const kept = state.additions
  const hydrate =
    told.hydrate.length > 0 ? told.hydrate : additionsOf({ ...settings, hydrate: [...(kept?.hydrate ?? [])] }).hydrate
  const attachments = isTold(context, 'attachments') ? told.attachments : kept?.attachments
  return {
    client: clientFromState(context, state),
    request: state.request,
    sinceAuto: kept?.newMembers === true,
    transfer: givenTransfer(context, transferOptions(settings)),
    additions: { ...(attachments === undefined ? {} : { attachments }), hydrate },
  }
}

/** The state of an export folder; a folder without one is a usage error. */
export async function stateOf({ cwd }: CommandContext, folder: string): Promise<ExportState> {
  const state = await readState(folder)
  if (state !== undefined) return state
  throw usageError(
    `${shownPath(cwd, folder)} is no export folder of floe: it holds no floe-export.json`,
    'floe export FHIR_URL DEST starts one',
  )
}

/** The connection as the folder keeps it; options given again override. */
export function clientFromState({ settings, cwd }: CommandContext, state: ExportState): BulkClientOptions {
  const auth = authMethod(settings, cwd) ?? authFromReference(state.auth)
  const vendor = settings.vendor ?? state.vendor
  const caFile = settings.caFile === undefined ? state.caFile : resolve(cwd, settings.caFile)
  return {
    fhirUrl: state.fhirUrl,
    trustOrigins: settings.trustOrigin ?? state.trustOrigins,
    softwareName: 'floe',
    ...(vendor === undefined ? {} : { vendor }),
    ...(auth === undefined ? {} : { auth }),
    ...(caFile === null ? {} : { caFile }),
  }
}

function isTold({ configured }: CommandContext, key: OptionKey): boolean {
  const origin = configured.origins.get(key)
  return origin !== undefined && origin.from !== 'default'
}

/** The transfer options that somebody told: a default must not override what the folder keeps. */
function givenTransfer({ configured }: CommandContext, all: TransferOptions): TransferOptions {
  const keys = {
    retryMaxTime: 'retryMaxTimeMs',
    idleTimeout: 'idleTimeoutMs',
    pollMax: 'pollMaxMs',
    waitMax: 'waitMaxMs',
    minFreeSpace: 'minFreeBytes',
    range: 'noRange',
  } as const
  const told = [...configured.origins].filter(([, origin]) => origin.from !== 'default')
  const names: ReadonlySet<string> = new Set(told.map(([key]) => (key in keys ? keys[key as keyof typeof keys] : key)))
  return Object.fromEntries(Object.entries(all).filter(([key]) => names.has(key) && key !== 'compress'))
}
