import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFloe, startFloe } from './cli.ts'
import { scratch } from './support.ts'

const view = (path: string): string =>
  JSON.stringify({
    resourceType: 'ViewDefinition',
    name: 'mine',
    resource: 'Patient',
    select: [{ column: [{ name: 'value', path }] }],
  })

test('floe build --watch builds again at every change, says what is wrong with a view, and ends with 0 by Ctrl-C', async () => {
  await using place = await scratch('watch')
  const [folder, views, rules, lake] = ['in', 'views', 'rules', 'lake'].map((name) => join(place.dir, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const dir of [folder, views, rules]) await mkdir(dir)
  await writeFile(
    join(folder, 'Patient.ndjson'),
    '{"resourceType":"Patient","id":"a","gender":"male"}\n{"resourceType":"Patient","id":"b"}\n',
  )
  await writeFile(join(views, 'mine.json'), view('id'))
  const rule = {
    id: 'has-gender',
    resource: 'Patient',
    expression: 'gender.exists()',
    severity: 'error',
    message: 'It has no gender',
  }
  await writeFile(join(rules, 'rule.json'), JSON.stringify(rule))
  await runFloe(['load', folder, '--lake', lake, '--untracked'])
  const told = ['build', 'mine', '--lake', lake, '--views', views, '--rules', rules]
  const { child, result } = startFloe([...told, '--watch'])
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const until = async (text: RegExp): Promise<void> => {
    while (!text.test(said) && child.stderr !== null) await once(child.stderr, 'data')
    said = ''
  }
  await until(/watching/)
  await writeFile(join(views, 'mine.json'), view('idd'))
  await until(/Patient has no element idd[\s\S]*\^\^\^/)
  await writeFile(join(views, 'mine.json'), view('gender'))
  await until(/watching/)
  child.kill('SIGINT')
  expect(await result).toMatchObject({ code: 0, stdout: '' })
  expect((await runFloe(['query', 'select * from gold.mine', '--lake', lake])).stdout).toBe('{"value":"male"}\n')
  const status = await runFloe(['status', '--lake', lake])
  expect(status.stdout).toContain('kept out of gold by has-gender: 1 resource (It has no gender)')
  expect(await runFloe([...told.slice(0, 4), '--watch'])).toMatchObject({ code: 2 })
})
