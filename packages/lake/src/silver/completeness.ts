import type { BronzeType, ExportIdentity, Outcome } from '../bronze/types.ts'

export interface Judgement {
  /** Null when the load is untracked: it completes nothing and blocks nothing. */
  readonly complete: boolean | null
  /** Why not; null when nothing is wrong. */
  readonly reason: string | null
}

export interface Evidence {
  readonly identity: ExportIdentity
  readonly type: BronzeType
  readonly outcomes: readonly Outcome[]
  /** Newest export time of a complete load of this source, group and type; ms since 1970. */
  readonly completedUpTo: number | undefined
  /** Why a slice counts as complete (`--assert-complete`). */
  readonly asserted: string | null
  /** Some file of the export was not read, and nobody knows what it held. */
  readonly unread: boolean
  /** `lines = rows + duplicates + stale + quarantined` */
  readonly holds: boolean
}

/** Whether a load completes one type (CONTRACT §4, rule 5): a slice of a group never does, unless somebody vouches for it. */
export function judge(evidence: Evidence): Judgement {
  const { identity, asserted } = evidence
  const wrong = [
    ...rejected(evidence),
    ...(identity.tracked ? [...serverErrors(evidence), ...(asserted === null ? slice(evidence) : [])] : []),
  ]
  const reason = wrong.length === 0 ? null : wrong.join('; ')
  return { complete: identity.tracked ? reason === null : null, reason }
}

function rejected({ type, holds, unread }: Evidence): string[] {
  const { lines, manifestCount } = type
  return [
    ...(type.quarantined > 0 ? [`${plural(type.quarantined, 'line')} in quarantine`] : []),
    ...(manifestCount !== null && manifestCount !== lines
      ? [`the manifest counts ${manifestCount}, the files hold ${lines}`]
      : []),
    ...(type.torn ? ['a file is missing or cut short'] : []),
    ...(holds ? [] : ['lines are not rows + duplicates + stale + quarantined']),
    ...(unread && type.files.length === 0 ? ['there is no file of it, and a file of the export was not read'] : []),
  ]
}

function serverErrors({ type, outcomes }: Evidence): string[] {
  const errors = outcomes.filter(({ severity }) => severity === 'error' || severity === 'fatal')
  const named = errors.every(({ types }) => types.length > 0)
  const hit = errors.filter(({ types }) => !named || types.includes(type.type))
  return hit.length === 0 ? [] : [`the server reported ${plural(hit.length, 'error')}`]
}

function slice({ type, completedUpTo }: Evidence): string[] {
  if (type.kind === 'partial') return ['the export is a slice (patient or _typeFilter)']
  if (type.kind === 'full') return []
  const since = type.since === null ? Number.NaN : Date.parse(type.since)
  if (Number.isNaN(since)) return ['nobody knows where this increment starts']
  if (completedUpTo !== undefined && completedUpTo >= since) return []
  return [`no complete load of it reaches ${type.since}, where this increment starts`]
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
