import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['types', ['type', 'type-filter', 'since'], 'type'],
  ['tpye', ['type', 'since'], 'type'],
  ['qurey', ['query', 'build'], 'query'],
  ['lod', ['load', 'etl'], 'load'],
  ['zzzzz', ['type', 'since'], undefined],
  ['x', [], undefined],
])('nearest to %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})
