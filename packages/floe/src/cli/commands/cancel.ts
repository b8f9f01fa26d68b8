import { BulkClient, type CancelResult } from '@floe/client'
import type { ExportState } from '@floe/client/export-folder'
import { type ExitCode, usageError } from '../../errors.ts'
import { clientOptions } from '../../exports/plan.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pathFrom, shownPath } from '../paths.ts'
import { localTime } from '../ui/format.ts'
import { clientFromState, stateOf } from './resume.ts'

/** Cancels the job of a folder, or the job at a status URL. */
export const run: RunCommand = async (context) => {
  const { args, settings, ui, cwd, signal } = context
  const told = args[0] ?? ''
  if (!/^https?:(\/\/|%2f%2f)/i.test(told) && !/^https?%3a/i.test(told)) return await cancelFolder(context, pathFrom(cwd, told))
  const url = told.includes('://') ? told : decoded(told)
  if (!URL.canParse(url)) throw usageError('the status URL cannot be read', 'quote it')
  // Without a FHIR address discovery and token go to the origin of the job.
  const client = new BulkClient(clientOptions(settings.fhirUrl ?? new URL(url).origin, settings, cwd))
  const { outcome } = await client.cancel(url, { signal })
  ui.result({ cancelled: outcome === 'deleted', outcome })
  ui.say(outcomeText(outcome, `the job at ${new URL(url).host}`))
  return 0
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw usageError('the status URL is not well encoded (%)', 'quote it')
  }
}

export async function cancelFolder(context: CommandContext, folder: string): Promise<ExitCode> {
  const { ui, cwd, signal } = context
  const state = await stateOf(context, folder)
  // A finished export may still hold its job: with exit 7, --keep-job, or when the server did not take the DELETE.
  if (state.job === null || state.job.deleted) {
    const why = state.phase === 'complete' ? 'the export is complete' : (lostJob(state) ?? 'the server has no job of it')
    ui.result({ cancelled: false, reason: why })
    ui.say(`nothing to cancel: ${why}`)
    return 0
  }
  const { outcome } = await new BulkClient(clientFromState(context, state)).cancel(folder, { signal })
  ui.result({ cancelled: outcome === 'deleted', outcome })
  ui.say(
    `${outcomeText(outcome, `the job of ${shownPath(cwd, folder)} at ${new URL(state.fhirUrl).host}`)}. What was downloaded is still there`,
  )
  return 0
}

/** A kick-off that was sent may have made a job whose address nobody kept. */
function lostJob({ kickoffSentAt }: ExportState): string | undefined {
  if (typeof kickoffSentAt !== 'string') return undefined
  return `the answer to the kick-off of ${localTime(kickoffSentAt)} was not kept, so a job of it, if there is one, cannot be named; it will end by itself`
}

function outcomeText(outcome: CancelResult['outcome'], job: string): string {
  if (outcome === 'deleted') return `cancelled: ${job}`
  return outcome === 'gone'
    ? `the server knows no such job any more: ${job}`
    : `the server has no way to cancel ${job}; it will end by itself`
}
