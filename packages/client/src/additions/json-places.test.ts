import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findPlaces, oneLine, splice } from './json-places.ts'

function valueAt(json: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], json)
}

test('every place of a JSON text holds the value of its path', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, 2), (text, indent) => {
      const value: unknown = JSON.parse(text)
      const spaced = JSON.stringify(value, null, indent)
      for (const { path, start, end } of findPlaces(spaced, () => true)) {
        expect(JSON.parse(spaced.slice(start, end))).toEqual(valueAt(value, path))
      }
      expect(JSON.parse(oneLine(spaced))).toEqual(value)
      expect(oneLine(spaced)).not.toContain('\n')
    }),
  )
})

test.each([
  '',
  '{',
  '{"a":1',
  '{"a" 1}',
  '[1 2]',
  '{"a":1}x',
  'nul',
  '"a\nb"',
  '{"a":tru}',
  '[1.1.1]',
  '[01]',
  '[1.]',
  '[-]',
  '[1e+]',
])('%j is no JSON', (text) => {
  expect(() => findPlaces(text, () => true)).toThrow(SyntaxError)
})

test('numbers, spaces and escapes outside of an edit stay as written', () => {
  const text = '{ "v": 1.10, "a\\u0062": {"x": "\\"}"}, "n": 1E400 }'
  const [place] = findPlaces(text, (path) => path.join() === 'ab,x')
  expect(place && text.slice(place.start, place.end)).toBe('"\\"}"')
  expect(splice(text, [{ start: place?.start ?? 0, end: place?.end ?? 0, text: '"y"' }])).toBe(
    '{ "v": 1.10, "a\\u0062": {"x": "y"}, "n": 1E400 }',
  )
})
