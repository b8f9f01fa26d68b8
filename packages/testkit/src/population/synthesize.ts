import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DAY } from './clock.ts'
import { SynthesisError } from './errors.ts'
import { countsOf, writeExportLog } from './export-log.ts'
import type { SynthesizedExport, SynthesizeOptions, SynthesizeReceipt } from './options.ts'
import { writePeople } from './people.ts'
import { resourceTypes, type Written } from './recorder.ts'
import { type Export, GROUP, prepare, type Run, unwritable } from './run.ts'
import { makeWorld } from './world.ts'

/** Some of the staff leave, and a site gets a new telephone. */
function changeWorld(shared: readonly Written[], later: Export): void {
  const at = later.until - 30 * DAY
  shared
    .filter(({ type }) => type === 'Practitioner')
    .forEach((one, i) => {
      if (i % 9 === 4) later.recorder.amend(one, one.body.replace('"active":true', '"active":false'), at)
    })
  const site = shared.find(({ type }) => type === 'Organization')
  if (site !== undefined) later.recorder.amend(site, site.body.replace(/555-01\d\d/, '555-0100'), at)
}

async function finishExport(
  run: Run,
  it: Export,
  options: { parameters: Record<string, string>; deleted: number; stream: number },
): Promise<SynthesizedExport> {
  const files = await it.writer.finish()
  const exportId = run.root.fork(options.stream).uuid().replaceAll('-', '').slice(0, 20)
  await writeExportLog({
    folder: it.folder,
    exportId,
    transactionTime: it.transactionTime,
    baseUrl: run.baseUrl,
    groupId: GROUP,
    files,
    parameters: options.parameters,
  })
  const output = files.filter(({ type }) => !type.startsWith('deleted/'))
  return {
    folder: it.folder,
    exportId,
    transactionTime: it.transactionTime,
    resources: output.reduce((sum, { lines }) => sum + lines, 0),
    bytes: output.reduce((sum, { bytes }) => sum + bytes, 0),
    files: output.length,
    types: countsOf(output),
    duplicates: it.recorder.duplicates,
    deleted: options.deleted,
  }
}

/**
 * Writes a deterministic US Core R4 population as an export folder.
 *
 * The people, their names and their records are invented; code systems are real. Memory does not grow with `patients`, the list
 * of the group's members apart. A folder that was not finished holds no `log.ndjson`, and what it held is removed.
 *
 * @example
 * const { resources } = await synthesize({ patients: 100, out: './population' })
 */
export async function synthesize(options: SynthesizeOptions): Promise<SynthesizeReceipt> {
  const run = await prepare(options)
  const { first, later } = run
  try {
    const shared: Written[] = []
    first.recorder.begin({ random: run.root.fork(2), keep: shared })
    const world = makeWorld({
      patients: run.patients,
      seed: run.seed,
      baseUrl: run.baseUrl,
      recorder: first.recorder,
      asOf: run.asOfMinutes,
    })
    if (later !== undefined) {
      await mkdir(join(later.folder, 'deleted'), { mode: 0o700 })
      changeWorld(shared, later)
    }
    const deleted = await writePeople(run, world, { onProgress: options.onProgress, signal: options.signal })
    const receipt = await finishExport(run, first, { parameters: {}, deleted: 0, stream: 8 })
    const parameters = { _since: first.transactionTime, _type: resourceTypes.join(',') }
    const second = later === undefined ? undefined : await finishExport(run, later, { parameters, deleted, stream: 9 })
    if (later !== undefined && deleted === 0) await rmdir(join(later.folder, 'deleted'))
    return {
      ...receipt,
      patients: run.patients,
      groupId: GROUP,
      seed: run.seed,
      ...(second === undefined ? {} : { later: second }),
    }
  } catch (error) {
    await first.writer.abort()
    await later?.writer.abort()
    if (later !== undefined) await rmdir(join(later.folder, 'deleted')).catch(() => {})
    if (error instanceof SynthesisError) throw error
    throw unwritable(options.out, error)
  }
}
