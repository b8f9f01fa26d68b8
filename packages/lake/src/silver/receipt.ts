import type { LoadReceipt, LoadStatus, TypeReceipt } from '../types.ts'
import type { LoadRun, TypeOutcome } from './run.ts'

/** What a load says about itself (CONTRACT §4, rule 14). */
export function loadReceipt({ loadId, bronze }: LoadRun, outcomes: readonly TypeOutcome[]): LoadReceipt {
  const { identity, quarantine, unlisted, refused, notices } = bronze
  const errors = bronze.outcomes.some(({ severity }) => severity === 'error' || severity === 'fatal')
  const types = outcomes.map(typeReceipt)
  const whole = types.every(({ complete, reason }) => complete ?? reason === null)
  const status: LoadStatus = whole && quarantine.length === 0 && refused.length === 0 ? 'complete' : 'incomplete'
  return {
    load: loadId,
    export: identity.exportId,
    source: identity.source,
    group: identity.tracked ? identity.group : null,
    exportTime: identity.exportTime,
    kind: identity.tracked ? identity.kind : 'untracked',
    status,
    unchanged: false,
    types,
    ...(unlisted.length === 0 ? {} : { unlisted }),
    notices: [
      ...notices,
      ...refused,
      ...outcomes.flatMap(buriedNotice),
      ...reasons(types),
      ...refusedDeletions(bronze),
      ...(errors ? ['The server reported errors (error/).'] : []),
    ],
    exitCode: status === 'complete' && !errors ? 0 : 7,
  }
}

function typeReceipt({ type, rows, duplicates, stale, deleted, complete, reason }: TypeOutcome): TypeReceipt {
  const { manifestCount, lines, quarantined } = type
  return { type: type.type, manifestCount, lines, rows, duplicates, stale, quarantined, deleted, complete, reason }
}

function buriedNotice({ type, buried }: TypeOutcome): string[] {
  if (buried === 0) return []
  return [
    `${type.type}: ${buried} ${buried === 1 ? 'line is' : 'lines are'} not later than the deletion of the same resource, and counted as stale.`,
  ]
}

function reasons(types: readonly TypeReceipt[]): string[] {
  return types.flatMap(({ type, complete, reason }) =>
    reason === null ? [] : [complete === null ? `${type}: ${reason}.` : `${type} is not complete: ${reason}.`],
  )
}

function refusedDeletions({ quarantine }: LoadRun['bronze']): string[] {
  const count = quarantine.filter(({ reason }) => reason.startsWith('deletion')).length
  return count === 0 ? [] : [`${count} ${count === 1 ? 'deletion' : 'deletions'} in quarantine.`]
}
