import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clientConformancePage, clientProofs, clientRequirements } from './conformance-client.ts'
import { root } from './sources.ts'

test('everything that a client shall or should do has a test that is named by it', () => {
  const proven = clientProofs()
  const needed = clientRequirements.filter(([, level]) => level !== 'MAY')
  expect(needed.map(([id]) => id).filter((id) => !proven.has(id))).toEqual([])
})

test('docs/conformance-client.md is what the tests say', () => {
  expect(readFileSync(join(root, 'docs/conformance-client.md'), 'utf8')).toBe(clientConformancePage())
})
