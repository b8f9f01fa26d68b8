import type { ExportReceipt } from '@floe/client'
import type { ExitCode } from '../errors.ts'
import { historyOfNewMembers, isWhole, type NewMembers, newMembersLines } from '../exports/new-members.ts'
import type { WithAdditions } from '../exports/run.ts'
import type { CommandContext } from './command.ts'
import { incomplete } from './incomplete.ts'
import { pasted, shownPath } from './paths.ts'
import { bytes, count, counted, duration, shellWord } from './ui/format.ts'
import { type Column, table } from './ui/table.ts'

const columns: readonly Column[] = [
  { title: 'type' },
  { title: 'files', align: 'right' },
  { title: 'resources', align: 'right' },
  { title: 'size', align: 'right' },
]

/** What `--json` prints of an export. */
export function exportObject({ resources: _, ...receipt }: ExportReceipt): Omit<ExportReceipt, 'resources'> {
  return receipt
}

/** Files, resources and bytes per type. */
function exportTable(receipt: ExportReceipt): string[] {
  const rows = new Map<string, { files: number; lines: number; bytes: number }>()
  for (const file of receipt.files) {
    const name = file.itemType === 'output' ? file.type : file.itemType
    const row = rows.get(name) ?? { files: 0, lines: 0, bytes: 0 }
    rows.set(name, { files: row.files + 1, lines: row.lines + file.lines, bytes: row.bytes + file.bytes })
  }
  const cells = [...rows].map(([type, row]) => [type, count(row.files), count(row.lines), bytes(row.bytes)])
  return cells.length === 0 ? [] : table(columns, cells, { indent: ' ' })
}

/** What the server reported beside the data: one line for each of the first outcomes. */
export function outcomeLines(receipt: ExportReceipt): string[] {
  const bad = receipt.outcomes.filter((outcome) => outcome.severity === 'error' || outcome.severity === 'fatal')
  const lines = bad
    .slice(0, 5)
    .map((outcome) => ` the server reported (${outcome.severity}): ${outcome.text ?? outcome.code ?? 'no text'}`)
  const more = bad.length - 5
  return more > 0 ? [...lines, ` and ${counted(more, 'more error')} in error/`] : lines
}

/** What did not come beside the files; empty where all came. */
export function missingAttachments({ attachments }: WithAdditions): string {
  const failed = attachments?.failed ?? 0
  return failed === 0 ? '' : `${counted(failed, 'attachment')} could not be fetched (error/), floe resume tries again`
}

/** The verdict of an export. */
export function exportVerdict(receipt: WithAdditions, shown: string): string {
  const { totals } = receipt
  const missing = missingAttachments(receipt)
  if (receipt.unchanged && receipt.exitCode === 0)
    return `${shown} holds this export already, complete: ${counted(totals.files, 'file')} · ${counted(totals.resources, 'resource')}`
  const what = `${counted(totals.files, 'file')} · ${counted(totals.resources, 'resource')} · ${bytes(totals.bytes)} in ${shown} · ${duration(receipt.durationMs)}`
  if (missing !== '' && receipt.outcomes.every(({ severity }) => severity !== 'error' && severity !== 'fatal'))
    return `complete: ${what} · SHA-256 and counts verified; ${missing}`
  return receipt.exitCode === 0
    ? `complete: ${what} · SHA-256 and counts verified`
    : `finished, but not without errors: ${what}. The server's job is kept.`
}

/** Prints the end of an export and gives its exit code. */
export function finishExport({ ui, cwd, streams }: CommandContext, receipt: ExportReceipt, newMembers?: NewMembers): ExitCode {
  const shown = shownPath(cwd, receipt.folder)
  ui.result({ ...exportObject(receipt), ...newMembersObject(newMembers) })
  const folders = newMembers?.exports.map(({ folder }) => pasted(cwd, folder)) ?? []
  ui.say(
    ...(receipt.unchanged ? [] : [...exportTable(receipt), '']),
    ...outcomeLines(receipt),
    ...newMembersLines(newMembers).map((line) => ` ${line}`),
    exportVerdict(receipt, shown),
    `  floe load ${pasted(cwd, receipt.folder)} --lake ./lake`,
    ...folders.map((folder) => `  floe load ${folder} --lake ./lake --assert-complete ${shellWord(historyOfNewMembers)}`),
  )
  if (receipt.exitCode === 7) {
    const look = outcomeLines(receipt).length > 0 ? `look at ${shown}/error; then ` : ''
    return incomplete({ ui, streams }, exportVerdict(receipt, shown), `${look}floe cancel ${pasted(cwd, receipt.folder)}`)
  }
  if (newMembers === undefined || isWhole(newMembers)) return 0
  return incomplete({ ui, streams }, newMembersLines(newMembers)[0] ?? '', 'a full export, without --since')
}

/** What `--json` prints of new members of a Group. */
export function newMembersObject(newMembers: NewMembers | undefined): Record<string, unknown> {
  if (newMembers === undefined) return {}
  const { added, exports, gap = null } = newMembers
  return { newMembers: { added, gap, exports: exports.map(exportObject) } }
}
