import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { conformancePage, proofs, requirements } from './conformance.ts'
import { root } from './sources.ts'

test('every SHALL of the server has a test that is named by it', () => {
  const proven = proofs()
  expect(requirements.map(([id]) => id).filter((id) => !proven.has(id))).toEqual([])
})

test('docs/conformance.md is what the tests say', () => {
  expect(readFileSync(join(root, 'docs/conformance.md'), 'utf8')).toBe(conformancePage())
})
