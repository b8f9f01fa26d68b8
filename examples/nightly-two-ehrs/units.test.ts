import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFloe } from '../../e2e/cli.ts'

const read = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')

/** The commands that the schedulers start, as `floe`'s arguments. */
async function scheduled(): Promise<string[][]> {
  const service = [...(await read('floe-nightly.service')).matchAll(/^ExecStart=\S*\/floe (.+)$/gm)]
  const cron = [...(await read('crontab')).matchAll(/(?:&&|lock) floe (.+)$/gm)]
  const kubernetes = [...(await read('cronjob.yaml')).matchAll(/args: (\[.+\])$/gm)].map(
    (match) => JSON.parse(match[1] ?? '') as string[],
  )
  return [...[...service, ...cron].map((match) => (match[1] ?? '').split(' ')), ...kubernetes]
}

test('what the schedulers start is understood', async () => {
  const commands = await scheduled()
  expect(commands.length).toBe(5)
  for (const args of commands) {
    const { code, stderr } = await runFloe([
      ...args,
      '--lake',
      '/nonexistent/lake',
      '--config',
      join(import.meta.dirname, 'floe.config.json'),
      '--help',
    ])
    expect([args, code, stderr]).toEqual([args, 0, ''])
    const wrong = await runFloe([...args, '--no-such-option'])
    expect([args, wrong.code]).toEqual([args, 2])
  }
})
