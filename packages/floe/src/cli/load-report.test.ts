import type { LoadReceipt, TypeReceipt } from '@floe/lake'
import { expect, test } from 'vitest'
import { builtText, equation, loadLines, nextLook, noticesOf, reconciles, shortcomings, sums } from './load-report.ts'
import type { Ui } from './ui/ui.ts'

const ui = { style: (_: string, text: string) => text } as unknown as Ui

function type(name: string, more: Partial<TypeReceipt> = {}): TypeReceipt {
  const zero = {
    manifestCount: null,
    lines: 10,
    rows: 10,
    duplicates: 0,
    stale: 0,
    quarantined: 0,
    deleted: 0,
    complete: true,
    reason: null,
  }
  return { type: name, ...zero, ...more }
}

function receipt(types: readonly TypeReceipt[], more: Partial<LoadReceipt> = {}): LoadReceipt {
  const whole = {
    load: 'l',
    export: 'e',
    source: 'epic',
    group: '42',
    exportTime: null,
    kind: 'full',
    status: 'complete',
  } as const
  return { ...whole, unchanged: false, types, notices: [], exitCode: 0, ...more }
}

const bad = type('Observation', {
  lines: 1234,
  rows: 1200,
  duplicates: 3,
  stale: 30,
  quarantined: 1,
  complete: false,
  reason: '1 line was refused.',
})

test('a line per type, aligned, and what did not complete', () => {
  expect(loadLines(receipt([type('Patient', { complete: null }), bad]), ui)).toEqual([
    'epic · Group 42 · full export',
    ' type         lines   rows  duplicates  stale  quarantined  deleted  complete',
    ' Patient         10     10           0      0            0        0  untracked',
    ' Observation  1,234  1,200           3     30            1        0  no',
    ' Observation is not complete: 1 line was refused.',
  ])
  expect(loadLines(receipt([type('Patient')], { unchanged: true }), ui)).toEqual([
    'epic · Group 42 · full export: in the lake already, nothing changed',
  ])
  expect(loadLines(receipt([], { group: null, kind: 'incremental' }), ui)).toEqual([
    'epic · incremental export: no files, so nothing changed',
  ])
})

test('the equation of all types, and whether it holds', () => {
  const receipts = [receipt([type('Patient'), bad])]
  expect(equation(sums(receipts))).toBe('1,244 lines = 1,210 rows + 3 duplicates + 30 stale + 1 quarantined')
  expect(reconciles(receipts)).toBe(true)
  const lost = [receipt([type('Patient', { rows: 9 })])]
  expect([equation(sums(lost)), reconciles(lost)]).toEqual(['10 lines ≠ 9 rows + 0 duplicates + 0 stale + 0 quarantined', false])
})

test('what is missing, and where to look', () => {
  expect(shortcomings([receipt([type('Patient'), bad])], ['errors reported by the server'])).toBe(
    '1 line refused, Observation not complete, errors reported by the server',
  )
  expect(nextLook([receipt([bad])], './lake')).toBe('floe quarantine list --lake ./lake')
  expect(nextLook([receipt([type('Patient')])], './lake')).toBe('floe status --lake ./lake')
  const notices = ['Observation is not complete: 1 line was refused.', 'notes.txt: not read']
  expect(noticesOf([receipt([bad], { notices })], { json: false })).toEqual(['notes.txt: not read'])
})

test('views built anew and left alone', () => {
  const view = (unchanged: boolean) => ({ table: 'gold.x', rows: 1, unchanged, empty: false })
  expect([builtText([view(false), view(false)]), builtText([view(true)]), builtText([view(true), view(false)])]).toEqual([
    '2 views',
    '1 view, all unchanged',
    '2 views, 1 built anew',
  ])
})
