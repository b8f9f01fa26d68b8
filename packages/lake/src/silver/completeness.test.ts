import { expect, test } from 'vitest'
import type { BronzeType, ExportIdentity, Outcome } from '../bronze/types.ts'
import { type Evidence, judge } from './completeness.ts'

const since = '2026-01-02T02:00:01.873Z'
const identity = { tracked: true, kind: 'full' } as ExportIdentity
const type = (facts: Partial<BronzeType> = {}): BronzeType => ({
  type: 'Condition',
  files: [],
  lines: 3,
  quarantined: 0,
  manifestCount: 3,
  shape: { struct: {} },
  torn: false,
  kind: 'full',
  since: null,
  ...facts,
})
const outcome = (severity: Outcome['severity'], ...types: string[]): Outcome => ({ severity, types })
const evidence = (change: Partial<Evidence>): Evidence => ({
  identity,
  type: type(),
  outcomes: [],
  completedUpTo: undefined,
  asserted: null,
  unread: false,
  holds: true,
  ...change,
})
const increment = type({ kind: 'incremental', since })

test.each<[string, Partial<Evidence>, boolean | null, string | null]>([
  ['a full export', {}, true, null],
  ['a type without lines and file', { type: type({ lines: 0, manifestCount: null }) }, true, null],
  ['… while something was not read', { type: type({ lines: 0, manifestCount: null }), unread: true }, false, 'there is no file'],
  ['lines in quarantine', { type: type({ quarantined: 1 }) }, false, '1 line in quarantine'],
  ['another count in the manifest', { type: type({ manifestCount: 4 }) }, false, 'the manifest counts 4, the files hold 3'],
  ['a manifest that counts 0', { type: type({ manifestCount: 0 }) }, false, 'the manifest counts 0'],
  ['a file cut short', { type: type({ torn: true }) }, false, 'cut short'],
  ['an equation that does not hold', { holds: false }, false, 'lines are not'],
  ['an error of the server that names no type', { outcomes: [outcome('error')] }, false, 'the server reported 1 error'],
  ['a fatal error that names this type', { outcomes: [outcome('fatal', 'Condition')] }, false, 'reported'],
  ['an error that names another type', { outcomes: [outcome('error', 'Observation')] }, true, null],
  [
    'errors of which one names no type',
    { outcomes: [outcome('error', 'Observation'), outcome('error')] },
    false,
    'reported 2 errors',
  ],
  ['a warning', { outcomes: [outcome('warning'), outcome('information', 'Condition')] }, true, null],
  ['a slice', { type: type({ kind: 'partial' }) }, false, 'slice'],
  ['a slice that somebody vouches for', { type: type({ kind: 'partial' }), asserted: 'we know' }, true, null],
  [
    '… unless lines were refused',
    { type: type({ kind: 'partial', quarantined: 2 }), asserted: 'we know' },
    false,
    '2 lines in quarantine',
  ],
  ['an increment on nothing', { type: increment }, false, `no complete load of it reaches ${since}`],
  ['an increment on what ends before it', { type: increment, completedUpTo: Date.parse(since) - 1 }, false, 'no complete load'],
  ['an increment on what ends where it starts', { type: increment, completedUpTo: Date.parse(since) }, true, null],
  [
    'an increment from nobody knows when',
    { type: type({ kind: 'incremental' }), completedUpTo: Date.now() },
    false,
    'nobody knows',
  ],
  ['an untracked load', { identity: { ...identity, tracked: false } }, null, null],
  [
    'an untracked load with refused lines',
    { identity: { ...identity, tracked: false }, type: type({ quarantined: 1 }) },
    null,
    'quarantine',
  ],
])('%s', (_, change, complete, reason) => {
  const judgement = judge(evidence(change))
  expect(judgement.complete).toBe(complete)
  if (reason === null) expect(judgement.reason).toBeNull()
  else expect(judgement.reason).toContain(reason)
})
