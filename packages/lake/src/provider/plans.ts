import { literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { ScanPlan } from '../iceberg/plan.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { rawColumn } from '../silver/columns.ts'
import { referredId } from '../silver/reference.ts'
import type { Pin } from './types.ts'

/** Tables of a few pins. */
const mostAnswers = 64

/** How this lake came by a row is nobody else's business. */
export const ownColumns: ReadonlySet<string> = new Set(['_source', '_export_id', '_ingested_at'])

/** `silver.patient` to its snapshot. */
export function pinnedSnapshots(pin: Pin): ReadonlyMap<string, string> {
  return new Map(pin.tables.map(({ namespace, name, snapshot }) => [`${namespace}.${name}`, snapshot]))
}

/** Throws where a table keeps no text. */
export function needText(plan: ScanPlan): void {
  if (shapeOf(plan.schema).struct[rawColumn] !== undefined) return
  throw new LakeError(
    'unsupported',
    'A table keeps no text of its resources (--no-raw), so they cannot be handed on as they were.',
  )
}

/** Keeps the answers to the last questions; a question that failed is asked again. */
export async function kept<T>(answers: Map<string, Promise<T>>, question: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(question)
  if (known !== undefined) return await known
  for (const oldest of answers.keys()) {
    if (answers.size < mostAnswers) break
    answers.delete(oldest)
  }
  const answer = ask()
  answers.set(question, answer)
  try {
    return await answer
  } catch (error) {
    answers.delete(question)
    throw error
  }
}

/** The table knows what its Provenance are about. */
export function hasTargets(plan: ScanPlan): boolean {
  const { target } = shapeOf(plan.schema).struct
  const inner = target !== undefined && typeof target !== 'string' && 'list' in target ? target.list : undefined
  return inner !== undefined && typeof inner !== 'string' && 'struct' in inner && inner.struct.reference !== undefined
}

/** (patient): none. */
export const nobody = '(select null::varchar as patient where false)'

/** (patient): active members that are patients, of the Groups of a SELECT (id, member). */
export function membersSql(plan: ScanPlan, groups: string, ids: readonly string[]): string {
  const { member } = shapeOf(plan.schema).struct
  const inner = member !== undefined && typeof member !== 'string' && 'list' in member ? member.list : undefined
  if (inner === undefined || typeof inner === 'string' || !('struct' in inner)) return nobody
  const { entity } = inner.struct
  if (entity === undefined || typeof entity === 'string' || !('struct' in entity) || entity.struct.reference === undefined)
    return nobody
  const active = inner.struct.inactive === undefined ? '' : 'and m.inactive is not true'
  return `(select distinct ${referredId('Patient', 'm.entity.reference')} as patient
      from (select unnest(member) as m from (${groups}) where list_contains(${literals(ids)}::varchar[], id))
      where m.entity.reference is not null ${active})`
}
