import { expect, test } from 'vitest'
import { pathFrom } from './paths.ts'

test.each([
  ['out', '/work/out'],
  ['/a/b', '/a/b'],
  ['file:///a%20b', '/a b'],
  ['a:b', '/work/a:b'],
  ['C:/out', '/work/C:/out'],
])('%s is the path %s', (told, path) => {
  expect(pathFrom('/work', told)).toBe(path)
})

test.each(['s3://bucket/x', 'gs://bucket/x', 'https://ehr.example.org/fhir', 'ABFSS://c@a.dfs.example.org/x'])(
  '%s is no path: a folder of that name would be made here',
  (told) => {
    expect(() => pathFrom('/work', told)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }))
  },
)
