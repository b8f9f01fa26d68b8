import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import { expect, test } from 'vitest'
import { startFloe } from '../../e2e/cli.ts'
import { scratch, until } from '../../e2e/support.ts'

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
}

test('every metric of the dashboard is one that the server has', async () => {
  const dashboard = JSON.parse(await readFile(join(import.meta.dirname, 'floe-serve.json'), 'utf8')) as Dashboard
  await using place = await scratch('dashboard')
  const lake = join(place.dir, 'lake')
  await (await openLake({ dir: lake, create: true }))[Symbol.asyncDispose]()
  const { child, result } = startFloe(['serve', '--lake', lake, '--open', '--port', '0'])
  let address = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    address ||= /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0] ?? ''
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    address ||= /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0] ?? ''
  })
  await until(() => address !== '', 'the server tells its address')
  const text = await (await fetch(`${address}/metrics`)).text()
  child.kill('SIGTERM')
  await result

  const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? ''))
  const asked = dashboard.panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/\b((?:floe|process)_\w+)\{/g)].map((match) => [title, match[1] ?? ''] as const),
    ),
  )
  expect(asked.length).toBeGreaterThan(dashboard.panels.length - 1)
  expect(asked.filter(([, metric]) => !known.has(metric.replace(/_bucket$/, '')))).toEqual([])
})
