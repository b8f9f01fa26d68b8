import { expect, test } from 'vitest'
import { FloeError, interrupted, usageError } from '../errors.ts'
import { errorJson, errorLines, shownError } from './report-error.ts'

test('says what failed, the evidence, and what to do', () => {
  const error = new FloeError('kickoff-refused', 'the server refused the kick-off (403)', {
    exitCode: 4,
    evidence: ['It said: "Client is not authorized for Group/42"'],
    hint: 'floe export … --type Patient',
    cause: Object.assign(new Error('HTTP 403'), { code: 'X' }),
  })
  expect(errorLines(shownError(error), 0)).toEqual([
    'floe: the server refused the kick-off (403)',
    '  It said: "Client is not authorized for Group/42"',
    '  Try: floe export … --type Patient',
  ])
  expect(errorLines(shownError(error), 2)).toContain('  because: HTTP 403 (X)')
  expect(errorJson(shownError(error))).toBe(
    '{"error":{"code":"kickoff-refused","message":"the server refused the kick-off (403)","hint":"floe export … --type Patient","retryable":false}}',
  )
})

test.each<[string, unknown, string, number]>([
  [
    'a missing file',
    Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: '/x/key.json' }),
    '/x/key.json is not there',
    1,
  ],
  ['a full disk', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/x/a' }), '/x/a does not fit: the disk is full', 1],
  ['anything else', new TypeError('x is not a function\n    at y'), 'x is not a function', 1],
  ['what is no error', 'text', 'text', 1],
  ['a usage error', usageError('no'), 'no', 2],
  ['control characters', new Error('a\u001b[31mb'), 'a [31mb', 1],
])('%s', (_, thrown, message, exitCode) => {
  expect(shownError(thrown)).toMatchObject({ message, exitCode })
})

test('an interruption tells the line that goes on', () => {
  expect(errorLines(shownError(interrupted(), 'floe resume ./x'), 0)).toEqual(['floe: interrupted', '  Try: floe resume ./x'])
})
