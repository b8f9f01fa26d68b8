import { expect, test } from 'vitest'
import { rowGroupsFor } from './row-groups.ts'

test.each([
  ['small rows fill a row group by number', { average: 100, largest: 2_000 }, { rows: 122_880, orderedRows: 16_777 }],
  ['an Observation of 800 bytes', { average: 800, largest: 800 }, { rows: 31_457, orderedRows: 31_457 }],
  [
    'large rows among small ones: by bytes, or few where the order is kept',
    { average: 800, largest: 5e6 },
    { rows: 31_457, orderedRows: 6 },
  ],
  ['rows of 32 MB', { average: 33e6, largest: 33e6 }, { rows: 1, orderedRows: 1 }],
])('%s', (_, sizes, groups) => {
  expect(rowGroupsFor(sizes)).toEqual({ ...groups, bytes: 2 ** 26 })
})
