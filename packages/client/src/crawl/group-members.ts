import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import { writeFileAtomic } from '../folder/durable.ts'
import { folderNames } from '../folder/names.ts'
import type { Connection } from '../http/connection.ts'
import { type FhirFetchOptions, fetchText } from '../http/fhir-fetch.ts'
import { isRecord, parseJson, serverMessage } from '../http/server-message.ts'

/** The ids of a Group's patients, each once. Inactive members and those that are no Patient are left out. */
export async function readGroup(groupId: string, options: FhirFetchOptions): Promise<{ members: string[]; date: string | null }> {
  const { status, text, date } = await fetchText(`Group/${encodeURIComponent(groupId)}`, options)
  const group = parseJson(text)
  if (status === 200 && group?.resourceType === 'Group') return { members: membersOf(group), date }
  const said = serverMessage(text, options.connection.redactor).text
  throw new BulkError({
    code: 'kickoff-refused',
    status,
    message: `the Group cannot be read (${status})${said === null ? '' : `: ${said}`}`,
    hint: 'The client needs read access to the Group (system/Group.rs).',
  })
}

function membersOf(group: Record<string, unknown>): string[] {
  const list = Array.isArray(group.member) ? group.member.filter(isRecord) : []
  const ids = list.flatMap(({ entity, inactive }) => {
    const reference = isRecord(entity) ? entity.reference : undefined
    const id =
      typeof reference === 'string'
        ? /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/.exec(reference)?.[1]
        : undefined
    return id === undefined || inactive === true ? [] : [id]
  })
  return [...new Set(ids)]
}

/** Keeps the members of a Group with an export, for the next one to compare. */
export async function keepMembers(folder: string, members: readonly string[]): Promise<void> {
  await writeFileAtomic(join(folder, folderNames.members), `${members.join('\n')}\n`)
}

/** The members that an export kept; null where it kept none. */
export async function keptMembers(folder: string): Promise<string[] | null> {
  try {
    return (await readFile(join(folder, folderNames.members), 'utf8')).split('\n').filter((id) => id !== '')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
}

/** Ids of the patients of a Group, now and against an earlier export. */
export interface MembersSince {
  members: string[]
  /**
   * Members that the earlier export did not have: `_since` brings none of their history, an export with `patient` does. Null when
   * it kept no list.
   */
  added: string[] | null
}

/** Compares a Group with what an earlier export kept of it (Bulk Data IG, "Group export with _since"). */
export async function membersSince(
  connection: Connection,
  groupId: string,
  earlier: string,
  options: Omit<FhirFetchOptions, 'connection'>,
): Promise<MembersSince> {
  const { members } = await readGroup(groupId, { connection, ...options })
  const before = await keptMembers(earlier)
  if (before === null) return { members, added: null }
  const known = new Set(before)
  return { members, added: members.filter((id) => !known.has(id)) }
}
