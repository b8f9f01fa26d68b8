import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { newKeys } from '@floe/client'
import { startEhr, synthesize } from '@floe/testkit'
import { bundledViews } from '@floe/views/bundled'
import { runFloe } from '../cli.ts'
import type { Part } from './scene.ts'

const types = 'Patient,Encounter,Condition,Observation,Group'
const exportNames = ['2026-11-14', '2026-11-21'] as const

/** Makes what pages take as given, each {@link Part} as a folder whose content is copied into a scene. */
export async function makeTemplate(dir: string): Promise<void> {
  const population = join(dir, 'population')
  const later = join(dir, 'later')
  await synthesize({ patients: 5, out: population, later })
  const exports: string[] = []
  for (const [index, folder] of [population, later].entries()) {
    await using ehr = await startEhr({ folder, polls: 0 })
    const to = join(dir, 'exports', exportNames[index] ?? '')
    await floe('export', `${ehr.fhirUrl}/Group/demo`, to, '--type', types)
    await nameExport(to, exportNames[index] ?? '')
    exports.push(to)
  }
  await cp(exports[0] ?? '', join(dir, 'export' satisfies Part, 'export'), { recursive: true })
  const key = await newKeys({ alg: 'ES384' })
  await write(dir, 'key', 'key.json', key.privateJwks)
  await write(dir, 'key', 'public.json', key.publicJwks)

  const patient = bundledViews.find((view) => view.name === 'patient')
  for (const name of ['patient.json', 'views/patient.json', 'smoking.json']) await write(dir, 'views', name, patient)
  await write(dir, 'rules', 'rules/finished.json', {
    id: 'finished-has-end',
    resource: 'Encounter',
    expression: "status != 'finished' or period.end.exists()",
    severity: 'warning',
    message: 'A finished encounter has no end',
  })
  for (const type of ['Patient', 'Condition']) {
    const text = await readFile(join(population, `${type}.000.ndjson`), 'utf8')
    for (const name of [`${type}.ndjson`, `${type}.000.ndjson`, 'all.ndjson']) await write(dir, 'ndjson', name, text)
  }

  await writeFile(join(dir, 'ndjson', 'all.ndjson.gz'), gzipSync(await readFile(join(dir, 'ndjson', 'all.ndjson'))))
  await write(dir, 'sources', 'floe.config.json', {
    sources: {
      epic: { fhirUrl: 'https://epic.example.org/fhir', group: 'demo' },
      oracle: { fhirUrl: 'https://oracle.example.org/fhir', group: 'demo' },
    },
  })

  const lake = join(dir, 'lake' satisfies Part, 'lake')
  for (const folder of exports) await floe('load', folder, '--lake', lake, '--source', 'epic')
  await floe('build', 'patient', 'encounter', 'condition', 'encounter_counts', '--lake', lake)
  for (const name of ['moved', 'copy-of-lake']) await cp(lake, join(dir, 'moved' satisfies Part, name), { recursive: true })
}

async function floe(...args: string[]): Promise<void> {
  const { code, stderr } = await runFloe(args, { env: { FLOE_POLL_INTERVAL: '100ms' } })
  if (code !== 0) throw new Error(`floe ${args[0]} for the template: exit ${code}\n${stderr}`)
}

async function write(dir: string, part: Part, name: string, content: unknown): Promise<void> {
  const file = join(dir, part, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
}

/** Gives an export folder the id that pages use. */
async function nameExport(folder: string, exportId: string): Promise<void> {
  const log = join(folder, 'log.ndjson')
  await writeFile(log, (await readFile(log, 'utf8')).replace(/"exportId":"[^"]*"/g, `"exportId":"${exportId}"`))
}
