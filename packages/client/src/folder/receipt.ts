import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import { isRecord } from '../http/server-message.ts'
import { isBlankLine, lineText, openLines } from '../ndjson.ts'
import type { ExportedFile, ExportReceipt, Outcome } from '../types.ts'
import type { ExportState, FileState } from './state.ts'

export interface ReceiptInput {
  folder: string
  state: ExportState
  outcomes: readonly Outcome[]
  notices: readonly string[]
  unchanged: boolean
}

/** The receipt of a finished export, from its state. */
export function makeReceipt({ folder, state, outcomes, notices, unchanged }: ReceiptInput): ExportReceipt {
  const files = state.files.flatMap(exportedFile)
  const output = files.filter(({ itemType }) => itemType === 'output')
  return {
    exportId: state.exportId,
    folder,
    transactionTime: state.transactionTime ?? '',
    files,
    totals: totalsOf(state),
    durationMs: durationOf(state),
    outcomes,
    notices,
    exitCode: state.exitCode ?? 0,
    unchanged,
    resources: (type) => readResources(folder, output, type),
  }
}

/** Files of every kind, resources of `output` only. */
export function totalsOf(state: ExportState): { files: number; resources: number; bytes: number } {
  const files = state.files.flatMap(exportedFile)
  const resources = files.reduce((sum, { itemType, lines }) => (itemType === 'output' ? sum + lines : sum), 0)
  return { files: files.length, resources, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

export function durationOf({ job, startedAt, finishedAt }: ExportState): number {
  return Math.max(0, Date.parse(finishedAt ?? startedAt) - Date.parse(job?.kickedOffAt ?? startedAt))
}

function exportedFile({ type, itemType, path, count, done }: FileState): ExportedFile[] {
  return done === null ? [] : [{ type, itemType, path, ...done, count }]
}

async function* readResources(
  folder: string,
  files: readonly ExportedFile[],
  type: string,
): AsyncGenerator<Record<string, unknown>> {
  const mixed = new Set(['Resources', 'Unknown'])
  for (const file of files) {
    if (file.type !== type && !mixed.has(file.type)) continue
    for await (const { bytes, number } of openLines(join(folder, file.path))) {
      if (isBlankLine(bytes)) continue
      const resource = parseLine(lineText(bytes), file.path, number)
      // In organised output the blocks' header lines and other types stand between.
      if (!mixed.has(file.type) || resource.resourceType === type) yield resource
    }
  }
}

function parseLine(text: string, path: string, number: number): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json)) return json
  } catch {
    // The parser's message quotes the line, which is patient data.
  }
  throw new BulkError({
    code: 'failed',
    message: `${path} line ${number} is not a JSON object`,
    hint: 'floe load sets bad lines aside and goes on.',
  })
}
