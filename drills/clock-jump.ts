/**
 * Exports and loads while the clock of the process jumps by hours, days or years (libfaketime; FLOE_LIBFAKETIME names it, or
 * Debian's path). What ends complete must hold the served bytes, or the undisturbed rows; an export that its server refuses (a
 * token from the future) must say so and come to them once the clock is right.
 *
 * node --conditions=floe-source drills/clock-jump.ts [--faults 20] [--seed 1]
 */
import { existsSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newKeys } from '@floe/client'
import { startEhr } from '@floe/testkit'
import { type RunResult, runFloe, startFloe } from '../e2e/cli.ts'
import { digests, makeExportFolder, scratch } from '../e2e/support.ts'
import { commandTimeout, type DrillOptions, type DrillResult, drillOptions, pick, random, type Skipped } from './drill.ts'
import { lakeState } from './lake-state.ts'
import { resourceFolder } from './resources.ts'

const library = process.env.FLOE_LIBFAKETIME ?? '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
const jumps = ['-1h', '+1h', '-3d', '+3d', '-400d', '+400d', '-20s', '+20s', '-10y', '+10y'] as const

interface Jumping {
  /** The file that tells how far the clock is off. */
  readonly file: string
  readonly next: () => number
}

/** Runs a command; its clock is off from the start, and jumps while it runs. */
async function runJumping(args: readonly string[], { file, next }: Jumping): Promise<RunResult & { jumps: number }> {
  const jump = (): void => writeFileSync(file, `${pick(next, jumps)}\n`)
  jump()
  const { child, result } = startFloe(args, {
    timeout: commandTimeout,
    env: {
      ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', NO_FAKE_STAT: '1' },
      ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
    },
  })
  let count = 1
  while (child.exitCode === null && count < 4) {
    await Promise.race([sleep(200 + next() * 800), result])
    if (child.exitCode !== null) break
    jump()
    count++
  }
  return { ...(await result), jumps: count }
}

export async function clockJump({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult | Skipped> {
  if (!existsSync(library))
    return { skipped: 'libfaketime is not installed (Debian: apt install libfaketime; or FLOE_LIBFAKETIME)' }
  await using work = await scratch('clock-jump')
  const jumping = { file: join(work.dir, 'clock'), next: random(seed) }
  const source = await makeExportFolder(join(work.dir, 'source'), {
    'Observation.000.ndjson': { lines: 1000, bytes: 400 },
    'Patient.000.ndjson': { lines: 200, bytes: 400 },
  })
  const served = JSON.stringify(await digests(source))
  const { publicJwks, privateJwks } = await newKeys({ kid: 'k' })
  const key = join(work.dir, 'key.json')
  await writeFile(key, JSON.stringify(privateJwks), { mode: 0o600 })
  const drip = [{ on: 'file' as const, do: { kind: 'drip' as const, bytes: 32_768, everyMs: 40 } }]
  const open = { folder: source, polls: 1, retryAfter: '1', faults: drip }
  await using free = await startEhr(open)
  await using guarded = await startEhr({ ...open, auth: { clients: [{ clientId: 'c', jwks: publicJwks }], tokenTtl: 300 } })
  const folders = [
    await resourceFolder({ dir: join(work.dir, 'one'), counts: { Patient: 300, Condition: 600 } }),
    await resourceFolder({ dir: join(work.dir, 'two'), counts: { Patient: 200, Condition: 400 }, from: 100, day: 2 }),
    await resourceFolder({ dir: join(work.dir, 'three'), counts: { Patient: 100 }, from: 150, day: 3 }),
  ]
  const load = (lake: string, folder: string): string[] => ['load', folder, '--lake', lake, '--untracked', '--quiet']
  for (const folder of folders) await runFloe(load(join(work.dir, 'expected'), folder), { timeout: commandTimeout })
  const undisturbed = await lakeState(join(work.dir, 'expected'))
  const seen = { faults: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0 }
  const problems: string[] = []
  for (let point = 0; seen.faults < faults; point++) {
    const what = `seed ${seed}, point ${point}`
    if (point % 3 === 2) {
      const lake = join(work.dir, `lake-${point}`)
      for (const folder of folders) {
        const { code, jumps: made, stderr } = await runJumping(load(lake, folder), jumping)
        seen.faults += made
        if (code !== 0) problems.push(`${what}: load ended with ${code}: ${stderr.slice(-300)}`)
      }
      const state = await lakeState(lake)
      seen.doubled += state.doubled
      if (state.digest === undisturbed.digest) seen.converged++
      else {
        seen.lost += Math.max(1, undisturbed.rows - state.rows)
        problems.push(`${what}: after three loads with a jumping clock: other rows (${state.rows} for ${undisturbed.rows})`)
      }
      onPoint?.(`${what}: three loads, ${state.rows} rows`)
      continue
    }
    const folder = join(work.dir, String(point))
    const ehr = point % 3 === 0 ? free : guarded
    const auth = ehr === guarded ? ['--smart-client-id', 'c', '--smart-key', key] : []
    const command = [
      'export',
      `${ehr.fhirUrl}/Group/demo`,
      folder,
      ...auth,
      '--retry-max-time',
      '3s',
      '--poll-max',
      '1s',
      '--quiet',
    ]
    const { code, jumps: made } = await runJumping(command, jumping)
    seen.faults += made
    const whole = async (): Promise<boolean> => JSON.stringify(await digests(folder).catch(() => ({}))) === served
    const again = code === 0 ? { code, stderr: '' } : await runFloe(command, { timeout: commandTimeout })
    if (code === 0 && !(await whole())) seen.falseCompletions++
    if (again.code !== 0 || !(await whole()))
      problems.push(`${what}: ${code}, with the right clock ${again.code}: ${again.stderr.slice(-300)}`)
    else seen.converged++
    onPoint?.(`${what}: ${made} jumps, exit ${code}${code === 0 ? '' : `, with the right clock ${again.code}`}`)
    await rm(folder, { recursive: true, force: true })
  }
  return { ...seen, problems, equation: `SHA-256 of each file = served; digest of ${undisturbed.rows} rows = undisturbed` }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await clockJump(drillOptions(process.argv, 20)))}\n`)
