import { expect, test } from 'vitest'
import { barChart, gauge, sideBySide } from './chart.ts'
import { cut, fitWidths, oneLine, table } from './table.ts'

const columns = [{ title: 'type' }, { title: 'rows', align: 'right' as const }]

test('aligns text to the left and numbers to the right', () => {
  const rows = [
    ['Patient', '100'],
    ['Observation', '12,345'],
  ]
  expect(table(columns, rows, { indent: ' ' })).toEqual([' type           rows', ' Patient         100', ' Observation  12,345'])
})

test('counts columns of the terminal, not characters', () => {
  expect(
    table(columns, [
      ['山田', '1'],
      ['e\u0301', '2'],
    ]),
  ).toEqual(['type  rows', '山田     1', 'e\u0301        2'])
})

test('cuts the widest column first', () => {
  expect(fitWidths([40, 10, 5], 37)).toEqual([18, 10, 5])
  expect(fitWidths([30, 30], 22)).toEqual([10, 10])
  expect(fitWidths([30, 30], 2)).toEqual([6, 6])
  expect(cut('Observation', 6)).toBe('Obser…')
  expect(cut('山田太郎', 5)).toBe('山田…')
})

test('keeps a cell on its line', () => {
  expect(oneLine('a\nb\tc\u001b[31md')).toBe('a⏎b c·[31md')
})

test('draws bars to an eighth of a column', () => {
  expect([gauge(0, 10, 4), gauge(5, 10, 4), gauge(10, 10, 4), gauge(1, 0, 4)]).toEqual(['▏    ▏', '▏██  ▏', '▏████▏', '▏    ▏'])
  expect(
    barChart(
      'Title',
      [
        { label: 'a', value: 2 },
        { label: 'bb', value: 1, text: '50 %' },
      ],
      { width: 20 },
    ),
  ).toEqual(['Title', 'a  ▏█████████  2', 'bb ▏████▌  50 %'])
})

test('puts blocks next to each other where there is room', () => {
  expect(sideBySide(['ab', 'c'], ['x'], 20)).toEqual(['ab    x', 'c'])
  expect(sideBySide(['ab', 'c'], ['x'], 5)).toEqual(['ab', 'c', '', 'x'])
})
