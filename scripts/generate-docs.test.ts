import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generatedDocs } from './generate-docs.ts'
import { root } from './sources.ts'

const pages = Object.entries(await generatedDocs())

test.each(pages)('%s says what the tables say (else: node --conditions=floe-source scripts/generate-docs.ts)', (path, text) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})
