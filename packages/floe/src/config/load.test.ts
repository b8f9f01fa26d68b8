import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configure } from './load.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'floe-config-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

function config(content: unknown, name = 'floe.config.json'): void {
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
}

test('flags stand over the environment, that over the file, that over defaults', async () => {
  config({ source: 'file', parallel: 2, retries: 2, lake: 'lake' })
  const { settings, origins } = await configure({
    flags: { source: 'flag' },
    env: { FLOE_SOURCE: 'env', FLOE_PARALLEL: '3' },
    cwd,
  })
  expect([settings.source, settings.parallel, settings.retries, settings.pollMax]).toEqual(['flag', 3, 2, 300_000])
  expect(['source', 'parallel', 'retries', 'pollMax'].map((key) => origins.get(key as 'source')?.from)).toEqual([
    'flag',
    'environment',
    'file',
    'default',
  ])
})

test.each<[string, Record<string, string>, (cwd: string) => string]>([
  ['lake', { lake: './lake' }, (cwd) => join(cwd, 'lake')],
  ['smartKey', { smartKey: 'key.json' }, (cwd) => join(cwd, 'key.json')],
  ['smartKey', { smartKey: 'file:key.json' }, (cwd) => `file:${join(cwd, 'key.json')}`],
  ['smartKey', { smartKey: 'file:/etc/floe/key.json' }, () => 'file:/etc/floe/key.json'],
  ['smartKey', { smartKey: 'env:KEY' }, () => 'env:KEY'],
  ['clientSecret', { clientSecret: 'file:secret' }, (cwd) => `file:${join(cwd, 'secret')}`],
  ['clientSecret', { clientSecret: 'env:SECRET' }, () => 'env:SECRET'],
])('a path in a file is relative to the file: %s of %j', async (key, written, expected) => {
  config(written)
  const { settings } = await configure({ flags: { config: join(cwd, 'floe.config.json') }, env: {}, cwd: '/' })
  expect((settings as unknown as Record<string, unknown>)[key]).toBe(expected(cwd))
})

test('a TypeScript file is taken, by its export config or its default', async () => {
  config("export const config = { source: 'typed' as string }", 'floe.config.ts')
  expect((await configure({ flags: {}, env: {}, cwd })).settings.source).toBe('typed')
})

test.each<[string, unknown, Record<string, unknown>, RegExp]>([
  [
    'an unknown key names the nearest',
    { sourc: 'x' },
    {},
    /unknown option "sourc" in .*floe\.config\.json \(did you mean "source"\?\)/,
  ],
  ['a flag is no key', { json: true }, {}, /"json" in .* is a flag only: --json/],
  ['broken JSON is said', '{', {}, /is not valid JSON/],
  ['a list is no configuration', '[]', {}, /holds no object/],
  ['a missing file is said', {}, { config: 'nowhere.json' }, /the configuration file nowhere\.json is not there/],
])('%s', async (_, content, flags, message) => {
  config(content)
  await expect(configure({ flags, env: {}, cwd })).rejects.toMatchObject({
    code: 'usage',
    exitCode: 2,
    message: expect.stringMatching(message),
  })
})

test('variables that look like options are named', async () => {
  const { notices } = await configure({ flags: {}, env: { FLOE_SORCE: 'x', FLOE_SHARED: '/x', OTHER: 'y' }, cwd })
  expect(notices).toEqual(['the environment variable FLOE_SORCE is no option of floe (did you mean FLOE_SOURCE?)'])
})

test('a source has its own section, over the rest of the file and under flags', async () => {
  config({ parallel: 2, retries: 3, sources: { epic: { parallel: 4, smartKey: 'key.json' }, oracle: { retries: 1 } } })
  const all = await configure({ flags: { retries: '9' }, env: { FLOE_SOURCE: 'other' }, cwd })
  expect([all.sources, all.settings.parallel]).toEqual([['epic', 'oracle'], 2])
  const { settings } = await all.forSource('epic')
  expect([settings.source, settings.parallel, settings.retries, settings.smartKey]).toEqual(['epic', 4, 9, join(cwd, 'key.json')])
})

test.each<[string, unknown, RegExp]>([
  ['no sections', ['epic'], /"sources" in .* holds no sections/],
  ['no section', { epic: 'x' }, /"sources" in .*: epic is no section of options/],
  ['a lake of its own', { epic: { lake: 'x' } }, /"lake" does not go into a section \(epic\)/],
])('sources: %s is refused', async (_, sources, message) => {
  config({ sources })
  await expect(configure({ flags: {}, env: {}, cwd })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  })
})
