import type { CompletionRow, LoadRow, ReconciliationRow, StatusReport } from '@floe/lake'
import { expect, test } from 'vitest'
import { lakeStatusLines } from './status-report.ts'
import type { Ui } from './ui/ui.ts'

process.env.TZ = 'UTC'
const ui = { style: (_: string, text: string) => text, width: 200 } as unknown as Ui

function load(source: string, group: string, time: string, id: string): LoadRow {
  const fixed = { kind: 'full', status: 'complete', asserted: null, started_at: time, finished_at: time } as const
  return { load_id: id, export_id: id, source, group_name: group, export_time: time, ...fixed }
}

function completion(
  source: string,
  group: string,
  type: string,
  time: string,
  complete: boolean | null,
  quarantined = 0,
): CompletionRow {
  return { source, group_name: group, type, export_id: 'e', export_time: time, kind: 'full', rows: 10, quarantined, complete }
}

function reconciled(id: string, type: string, rows: number, holds = true): ReconciliationRow {
  return {
    load_id: id,
    export_id: id,
    source: 's',
    type,
    manifest_count: null,
    lines: rows,
    rows,
    duplicates: 0,
    stale: 0,
    quarantined: 0,
    holds,
  }
}

const report: StatusReport = {
  loads: [
    load('epic', '42', '2026-11-20T02:00:00Z', 'a'),
    load('epic', '42', '2026-11-21T02:00:00Z', 'b'),
    load('oracle', '7', '2026-11-20T23:10:00Z', 'c'),
  ],
  reconciliation: [reconciled('a', 'Patient', 1000), reconciled('b', 'Patient', 18_220), reconciled('c', 'Patient', 9113)],
  completion: [
    completion('epic', '42', 'Patient', '2026-11-20T02:00:00Z', false, 3),
    completion('epic', '42', 'Patient', '2026-11-21T02:00:00Z', true),
    completion('oracle', '7', 'Patient', '2026-11-20T23:10:00Z', true),
    completion('oracle', '7', 'Specimen', '2026-11-20T23:10:00Z', false, 2),
  ],
  encounters: { visible: 812_004, hidden: 2310 },
  blocked: [
    { source: 'oracle', group: '7', type: 'Device', have: null, need: '2026-11-20T22:58:00Z', encounters: 2310 },
    {
      source: 'oracle',
      group: '7',
      type: 'Specimen',
      have: '2026-11-13T00:00:00Z',
      need: '2026-11-20T22:58:00Z',
      encounters: 2310,
    },
  ],
  quality: [
    { rule: 'us-core-encounter', resource: 'Encounter', severity: 'warning', message: 'm', checked: 812_004, failed: 1200 },
    { rule: 'dated', resource: 'Encounter', severity: 'error', message: 'It has no date', checked: 812_004, failed: 3 },
    { rule: 'us-core-patient', resource: 'Patient', severity: 'warning', message: 'm', checked: 9000, failed: 0 },
    { rule: 'us-core-goal', resource: 'Goal', severity: 'warning', message: 'm', checked: 0, failed: 0 },
  ],
}
const table = { table: 'silver.patient', rows: 15_304_554, files: 1, deleteFiles: 0, bytes: 1, snapshots: 1, snapshot: '1' }

test('a lake at a glance', () => {
  expect(lakeStatusLines(report, [table], ui)).toEqual([
    ' source  group  last export           types  loads  changed  in quarantine',
    ' epic    42     2026-11-21 02:00 UTC    1/1      2  +18,220              0',
    ' oracle  7      2026-11-20 23:10 UTC    1/2      1   +9,113              2  Specimen is not complete',
    '',
    ' Encounters: 812,004 visible, 2,310 hidden:',
    '   oracle/7: Device must be exported at or after 2026-11-20 22:58 UTC (never loaded completely)',
    '   oracle/7: Specimen must be exported at or after 2026-11-20 22:58 UTC (last 2026-11-13 00:00 UTC)',
    '   Types that this site does not have: load with --exclude-resources Device',
    ' Quality: 1 of 3 rules hold; these do not: us-core-encounter (1,200 of 812,004), dated (3 of 812,004)',
    '   kept out of gold by dated: 3 resources (It has no date)',
    ' 15,304,554 resources in 1 silver table',
    ' Every load reconciles: lines = rows + duplicates + stale + quarantined (3 of 3)',
  ])
})

test('a load that does not add up, and an untracked one', () => {
  const untracked: StatusReport = {
    loads: [load('default', '', '2026-11-20T02:00:00Z', 'a')],
    reconciliation: [reconciled('a', 'Patient', 5, false)],
    completion: [completion('default', '', 'Patient', '2026-11-20T02:00:00Z', null)],
    encounters: { visible: 0, hidden: 0 },
    blocked: [],
    quality: [],
  }
  const lines = lakeStatusLines(untracked, [], ui)
  expect(lines[1]).toBe(' default         2026-11-20 02:00 UTC  untracked      1       +5              0')
  expect(lines.at(-1)).toBe(' Not every load reconciles: lines = rows + duplicates + stale + quarantined (0 of 1)')
})

test('an empty lake', () => {
  expect(lakeStatusLines({ ...report, loads: [] }, [], ui)).toEqual(['nothing is loaded yet'])
})
