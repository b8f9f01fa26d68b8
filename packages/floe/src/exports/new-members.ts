import { mkdir, readdir } from 'node:fs/promises'
import { BulkClient, BulkError, type ExportReceipt, type ExportRequest, keepMembers, keptMembers } from '@floe/client'
import { counted } from '../cli/ui/format.ts'
import type { ExportPlan } from './plan.ts'
import type { FoundExport } from './since-auto.ts'

/** What became of those who came to a Group since the export that an increment follows. */
export interface NewMembers {
  /** Null where it cannot be known who is new. */
  readonly added: number | null
  /** Exports of their whole history, each in a folder of its own. */
  readonly exports: readonly ExportReceipt[]
  /** Why there are no such exports; a full export has everything. */
  readonly gap?: string
}

export interface MembersOptions {
  readonly plan: ExportPlan
  /** The request of the increment, or of the full export that begins a series. */
  readonly request: ExportRequest
  /** The folder of that export. */
  readonly to: string
  readonly candidates: readonly FoundExport[]
  readonly signal: AbortSignal
}

/** Makes the export of one more folder. */
export type ExportSlice = (request: ExportRequest, folder: string, exportId: string) => Promise<ExportReceipt>

const suffix = '.new-members'

/** Why a load of them counts as complete. */
export const historyOfNewMembers = 'the whole history of new members, beside the increment of the Group'

/** Whether a folder holds the history of new members of a Group. */
export function isOfNewMembers(folder: string): boolean {
  return folder.endsWith(suffix)
}

/**
 * Before a full export of a Group: keeps who is in it, for the increments that follow. The list names those whose history is at
 * hand, so whatever stops an increment half-way, the next one finds the same members to be new.
 */
export async function rememberMembers({ plan, request, to, signal }: MembersOptions): Promise<void> {
  if (request.groupId === undefined || request.since !== undefined || !(await isFresh(to))) return
  try {
    const { members } = await new BulkClient(plan.client).membersSince(request.groupId, to, { signal })
    if (members.length === 0) return
    await mkdir(to, { recursive: true, mode: 0o700 })
    await keepMembers(to, members)
  } catch (cause) {
    // A Group that may not be read is exported all the same; that increments will miss something is said with each of them.
    if (signal.aborted || (cause instanceof BulkError && cause.code !== 'kickoff-refused')) throw cause
  }
}

async function isFresh(to: string): Promise<boolean> {
  try {
    return (await readdir(to)).length === 0
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/**
 * After an increment of a Group: exports the whole history of the members that came since, for `_since` brings only what changed
 * (Bulk Data IG, Group export with `_since`). A server that refuses it, or does not tell who is in the Group, leaves a gap that
 * is named.
 */
export async function exportNewMembers(
  options: MembersOptions,
  receipt: ExportReceipt,
  exportSlice: ExportSlice,
): Promise<NewMembers | undefined> {
  const { plan, request, to, candidates, signal } = options
  const { groupId, since, ...rest } = request
  if (groupId === undefined || since === undefined || (await keptMembers(to)) !== null) return undefined
  const before = await membersOf(candidates.filter(({ state }) => state.transactionTime === since))
  if (before === null) return gap(null, 'the export that it follows kept no list of the members of the Group')
  const exports: ExportReceipt[] = []
  let added: string[] = []
  try {
    const { members } = await new BulkClient(plan.client).membersSince(groupId, to, { signal })
    if (members.length === 0) return gap(null, 'the server does not tell who is in the Group')
    added = members.filter((id) => !before.has(id))
    for (const slice of slicesOf(added, { candidates, to, exportId: receipt.exportId, groupId, fhirUrl: plan.client.fhirUrl })) {
      exports.push(await exportSlice({ ...rest, groupId, kickoff: 'auto', patient: slice.patients }, slice.to, slice.exportId))
    }
    await keepMembers(to, members)
    return { added: added.length, exports }
  } catch (cause) {
    if (!(cause instanceof BulkError) || cause.code !== 'kickoff-refused') throw cause
    // The list of those before stays the one to compare with: next time the same members are new.
    await keepMembers(to, [...before])
    return { ...gap(added.length === 0 ? null : added.length, cause.message.replace(/\s*\n.*/s, '')), exports }
  }
}

function gap(added: number | null, why: string): NewMembers {
  return { added, exports: [], gap: why }
}

async function membersOf(found: readonly FoundExport[]): Promise<ReadonlySet<string> | null> {
  for (const { folder } of found) {
    const kept = await keptMembers(folder)
    if (kept !== null) return new Set(kept)
  }
  return null
}

interface Slice {
  readonly patients: readonly string[]
  readonly to: string
  readonly exportId: string
}

interface SliceOptions {
  readonly candidates: readonly FoundExport[]
  readonly to: string
  readonly exportId: string
  readonly groupId: string
  readonly fhirUrl: string
}

/** An unfinished export of new members is taken up; those that it does not have are a second one. */
function slicesOf(added: readonly string[], { candidates, to, exportId, groupId, fhirUrl }: SliceOptions): Slice[] {
  const begun = candidates.find(
    ({ folder, state }) =>
      isOfNewMembers(folder) &&
      ['kickoff', 'in-progress', 'downloading'].includes(state.phase) &&
      state.fhirUrl === fhirUrl.replace(/\/+$/, '') &&
      state.request.groupId === groupId &&
      (state.request.patient ?? []).every((id) => added.includes(id)),
  )
  const taken = begun?.state.request.patient ?? []
  const others = added.filter((id) => !taken.includes(id))
  return [
    ...(begun === undefined ? [] : [{ patients: taken, to: begun.folder, exportId: begun.state.exportId }]),
    ...(others.length === 0 ? [] : [{ patients: others, to: `${to}${suffix}`, exportId: `${exportId.slice(0, 52)}${suffix}` }]),
  ]
}

/** Whether the history of all members that are known to be new is here. */
export function isWhole({ added, exports, gap: why }: NewMembers): boolean {
  return exports.every(({ exitCode }) => exitCode === 0) && (why === undefined || added === null)
}

/** What a person is told of it: nothing where nobody is new. */
export function newMembersLines(found: NewMembers | undefined): string[] {
  if (found === undefined) return []
  const { added, exports, gap: why } = found
  const full = 'A full export, without --since, has everything.'
  if (why !== undefined && added === null) {
    return [`who came to the Group since the last export is not known: ${why}. Their earlier history is not here. ${full}`]
  }
  if (why !== undefined) return [`${counted(added ?? 0, 'new member')} of the Group without earlier history: ${why}. ${full}`]
  if (exports.length === 0) return []
  const resources = exports.reduce((sum, one) => sum + one.totals.resources, 0)
  return [
    `${counted(added ?? 0, 'new member')} of the Group, exported with their whole history: ${counted(resources, 'resource')}`,
  ]
}
