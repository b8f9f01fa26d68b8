import { readState } from '@floe/client/export-folder'
import { usageError } from '../../errors.ts'
import { parseExportAddress } from '../../exports/address.ts'
import { type ExportPlan, planExport } from '../../exports/plan.ts'
import { exportTitle, runExport } from '../../exports/run.ts'
import { exportsBeside } from '../../exports/since-auto.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { exportProgress } from '../export-progress.ts'
import { finishExport } from '../export-report.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { cancelFolder } from './cancel.ts'
import { resumeFolder } from './resume.ts'

/** A Bulk Data export into a folder. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd, signal } = context
  const { address, to } = destination(context)
  if (settings.cancel === true) return await cancelFolder(context, to)
  const resumeLine = `floe resume ${pasted(cwd, to)}`
  context.goesOnWith(resumeLine)
  if (settings.resume === true && address === undefined && settings.fhirUrl === undefined) return await resumeFolder(context, to)
  const statusUrl = typeof settings.resume === 'string' ? settings.resume : undefined
  const plan = await planOf(context, address, to, statusUrl)
  if (settings.resume === true && (await readState(to)) === undefined) {
    throw usageError(`${shownPath(cwd, to)} holds no export that could be taken up`, 'the same command without --resume')
  }
  const made = await runExport({
    plan,
    to,
    signal,
    earlier: () => exportsBeside(to),
    onStart: (request, since) => exportProgress(ui, { title: exportTitle(request, plan.client.fhirUrl, since), resumeLine }),
    ...(statusUrl === undefined ? {} : { statusUrl }),
  })
  return finishExport(context, made.receipt, made.newMembers)
}

/**
 * The plan of address and options; a job that is taken up by its URL needs neither server nor level where the folder knows them.
 */
async function planOf(context: CommandContext, address: string | undefined, to: string, statusUrl?: string): Promise<ExportPlan> {
  const { settings, cwd } = context
  if (statusUrl === undefined) return planExport(address, settings, cwd)
  const told = address ?? settings.fhirUrl ?? (await readState(to))?.fhirUrl
  const flags = settings.group !== undefined || settings.patientLevel === true || settings.patient !== undefined
  const levelled = flags || (told !== undefined && parseExportAddress(told).level !== undefined)
  // The job exists: its level matters for the log only, so the whole system stands in for what is not told.
  return planExport(told, levelled ? settings : { ...settings, system: true }, cwd)
}

/** `[FHIR_URL] [DEST]`: one argument is the address where it is one. Without DEST the folder is named after the day. */
function destination({ args, settings, cwd }: CommandContext): { address?: string; to: string } {
  const [first, second] = args
  const isAddress = (text: string | undefined): boolean => text !== undefined && /^https?:\/\//i.test(text)
  if (second !== undefined) {
    if (!isAddress(first) && isAddress(second))
      throw usageError('the address comes first, then the folder', `floe export ${second} ${first}`)
    return { address: first ?? '', to: pathFrom(cwd, second) }
  }
  if (settings.exportTo !== undefined)
    return { ...(isAddress(first) ? { address: first ?? '' } : {}), to: pathFrom(cwd, settings.exportTo) }
  const today = new Date()
  const named = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(today.getDate()).padStart(2, '0')}`
  if (isAddress(first)) return { address: first ?? '', to: pathFrom(cwd, named) }
  if (first !== undefined && settings.fhirUrl === undefined && settings.resume === undefined && settings.cancel !== true) {
    throw usageError(`${first} is no address of a FHIR server`, `floe export https://ehr.example.org/fhir/Group/42 ${first}`)
  }
  return { to: pathFrom(cwd, first ?? named) }
}
