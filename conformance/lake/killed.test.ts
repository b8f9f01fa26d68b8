/** CONTRACT §4, rule 6: whatever stops a load, the lake stays readable, and the same command again ends as if undisturbed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLake } from '@floe/lake'
import { expect, test } from 'vitest'

const data = join(process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'data/incremental-10')
const here = existsSync(data)
if (!here) process.stderr.write('skipped: loads that are killed (FLOE_SHARED names the folder that holds data/)\n')

const script = `
  const { openLake } = await import(${JSON.stringify(join(import.meta.dirname, '../../packages/lake/src/index.ts'))})
  const [dir, ...folders] = process.argv.slice(1)
  const lake = await openLake({ dir, create: true })
  console.log('begun')
  await lake.load({ folders })
  await lake.close()`

/** Loads in a process of its own, which is killed that long after it began; null lets it end. */
async function load(dir: string, folders: readonly string[], killAfter: number | null): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=floe-source', '--input-type=module', '-e', script, dir, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  if (killAfter !== null) {
    await Promise.race([sleep(killAfter), ended])
    child.kill('SIGKILL')
  }
  await ended
}

/** What the lake says, but for times and ids of loads. */
async function contents(dir: string): Promise<unknown> {
  await using lake = await openLake({ dir })
  const rows = async (sql: string): Promise<unknown[]> => {
    await using result = await lake.query(sql)
    return await Array.fromAsync(result.rows).then((chunks) => chunks.flat())
  }
  const silver = (await lake.tables()).map(({ table }) => table).filter((table) => table.startsWith('silver.'))
  const texts = silver.map((table) => `select '${table}' as name, id, md5(_raw) as digest, _export_id from ${table}`)
  return {
    silver: texts.length === 0 ? [] : await rows(`${texts.join(' union all ')} order by all`),
    completion: await rows('select * from floe.completion order by all'),
    reconciliation: await rows('select * exclude (load_id) from floe.reconciliation order by all'),
    tombstones: await rows('select * from floe.tombstones order by all'),
    tracked: await rows('select * from floe.etl__completion_encounters order by all'),
    untracked: await rows(
      'select id from silver.encounter where id not in (select encounter_id from floe.etl__completion_encounters)',
    ).catch(() => []),
  }
}

async function places(action: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-killed-'))
  try {
    await action(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

test.runIf(here)('a load that is killed is seen whole or not at all, and converges when it is run again', async () => {
  const [full = '', later = ''] = ['full', 'since-1'].map((name) => join(data, name))
  await places(async (dir) => {
    const [undisturbed, disturbed] = [join(dir, 'undisturbed'), join(dir, 'disturbed')]
    await load(undisturbed, [full], null)
    const first = await contents(undisturbed)
    await load(undisturbed, [later], null)
    const both = await contents(undisturbed)

    const nothing = { silver: [], completion: [], reconciliation: [], tombstones: [], tracked: [], untracked: [] }
    for (const killAfter of [150, 600, 1200]) {
      await load(disturbed, [full], killAfter)
      expect([nothing, first]).toContainEqual(await contents(disturbed))
    }
    await load(disturbed, [full], null)
    expect(await contents(disturbed)).toEqual(first)
    for (const killAfter of [100, 500]) {
      await load(disturbed, [later], killAfter)
      expect([first, both]).toContainEqual(await contents(disturbed))
    }
    await load(disturbed, [later], null)
    expect(await contents(disturbed)).toEqual(both)
    expect(await readdir(join(disturbed, 'tmp')).catch(() => [])).toEqual([])
  })
})
