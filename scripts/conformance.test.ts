import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { conformancePage, left, proofs, requirements } from './conformance.ts'
import { root } from './sources.ts'

test('every SHALL of the server has a test that is named by it', () => {
  const proven = proofs()
  expect(requirements.map(([id]) => id).filter((id) => !proven.has(id))).toEqual([])
})

test('docs/conformance.md is what the tests say', () => {
  expect(readFileSync(join(root, 'docs/conformance.md'), 'utf8')).toBe(conformancePage())
})

const shared = process.env.FLOE_SHARED ?? join(root, '../shared')
const reference = join(shared, 'reference/bulk-data-and-smart.md')

/** Numbers of the reference text that say SHALL: B (S), C.2 (A-13 and later) and D (I, all of it). */
function shallNumbers(text: string): string[] {
  return Array.from(text.matchAll(/^\| ([SAI]-A?\d+) \| ([^|]+) \|/gm), ([, id = '', level = '']) => ({ id, level }))
    .filter(({ id, level }) => id.startsWith('I-') || level.includes('SHALL'))
    .filter(({ id }) => !/^A-([1-9]|1[0-2])$/.test(id))
    .map(({ id }) => id)
}

test.skipIf(!existsSync(reference))('the table holds every SHALL of the reference text (FLOE_SHARED)', () => {
  const told = new Set([...requirements.map(([id]) => id), ...left.map(([id]) => id)])
  const wanted = shallNumbers(readFileSync(reference, 'utf8'))
  expect(wanted.length).toBeGreaterThan(80)
  expect(wanted.filter((id) => !told.has(id))).toEqual([])
})

test('nothing is both proven and left', () => {
  const proven = new Set(requirements.map(([id]) => id))
  expect(left.map(([id]) => id).filter((id) => proven.has(id))).toEqual([])
})
