import { BulkError } from '../errors.ts'
import { Journal } from '../folder/journal.ts'
import { openFolder } from '../folder/open-export.ts'
import type { Connection } from '../http/connection.ts'
import { TransportError } from '../http/http.ts'
import { readServerMessage } from '../http/server-message.ts'

/** What a server answered to DELETE of a job; `status` is the HTTP status. */
export interface CancelResult {
  /** `deleted`: the server took it; `gone`: it knew no such job; `unsupported`: it has no DELETE. */
  outcome: 'deleted' | 'gone' | 'unsupported'
  status: number
}

/** Releases or cancels a job: one DELETE (Bulk Data IG, "Bulk Data Delete Request"). */
export async function deleteJob(
  connection: Connection,
  statusUrl: string,
  signal: AbortSignal | undefined,
): Promise<CancelResult> {
  const { http, idleTimeoutMs, redactor } = connection
  redactor.add(statusUrl)
  try {
    const response = await http.send({
      method: 'DELETE',
      url: statusUrl,
      headers: { accept: 'application/fhir+json', prefer: 'respond-async' },
      token: true,
      signal,
      idleTimeoutMs,
    })
    const { status } = response
    const said = await readServerMessage(response, redactor, signal)
    if (status >= 200 && status < 300) return { outcome: 'deleted', status }
    if (status === 404 || status === 409 || status === 410) return { outcome: 'gone', status }
    if (status === 405 || status === 501) return { outcome: 'unsupported', status }
    const words = said.text === null ? '' : `: ${said.text}`
    throw new BulkError({
      code: status === 401 ? 'auth' : 'failed',
      status,
      message: `the server refused to delete the job (${status})${words}`,
    })
  } catch (cause) {
    if (!(cause instanceof TransportError)) throw cause
    throw new BulkError({ code: 'unreachable', message: cause.message, retryable: true, cause })
  }
}

export interface CancelFolderOptions {
  connection: Connection
  folder: string
  signal: AbortSignal | undefined
  client: { name: string; version: string }
}

/** Cancels the job of an export folder. Files that landed stay. */
export async function cancelFolder({ connection, folder, signal, client }: CancelFolderOptions): Promise<CancelResult> {
  await using open = await openFolder(folder, { create: false })
  const { state } = open
  if (state === undefined) throw new BulkError({ code: 'usage', message: `${folder} holds no export of floe` })
  if (state.job === null || state.job.deleted) {
    throw new BulkError({ code: 'usage', message: `the export in ${folder} has no job at the server` })
  }
  const result = await deleteJob(connection, state.job.statusUrl, signal)
  await using journal = await Journal.open({ folder, state, callbacks: {}, timing: connection.timing, client })
  await journal.emit('job_deleted', { code: result.status })
  await journal.save({
    job: { ...state.job, deleted: result.outcome !== 'unsupported' },
    phase: state.phase === 'complete' ? 'complete' : 'cancelled',
  })
  return result
}
