import { makeFolder } from '@floe/client/export-folder'
import { synthesize } from '@floe/testkit'
import type { RunCommand } from '../command.ts'
import { needed } from '../needed.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { gauge } from '../ui/chart.ts'
import { bytes, count, counted, duration, rate } from '../ui/format.ts'
import { table } from '../ui/table.ts'

/** A synthetic population as an export folder. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd, signal } = context
  const example = 'floe synth --patients 1000 --out ./population'
  const patients = needed(context, 'patients', 'synth', example)
  const out = pathFrom(cwd, needed(context, 'out', 'synth', example))
  await makeFolder(out)
  const started = performance.now()
  let done = { patients: 0, resources: 0, bytes: 0 }
  const elapsed = (): number => performance.now() - started
  const line = (): string =>
    `${count(done.patients)} of ${counted(patients, 'patient')} · ${counted(done.resources, 'resource')} · ${bytes(done.bytes)} · ${rate(done.bytes, elapsed())}`
  ui.live({ lines: () => [`${gauge(done.patients, patients, 30)} ${line()}`], plain: line })
  const receipt = await synthesize({
    patients,
    out,
    seed: settings.seed,
    signal,
    onProgress: (progress) => {
      done = progress
    },
    ...(settings.later === undefined ? {} : { later: pathFrom(cwd, settings.later) }),
    ...(settings.compress === undefined ? {} : { compress: settings.compress }),
  })
  ui.result(receipt)
  const types = Object.entries(receipt.types).map(([type, lines]) => [type, count(lines)])
  ui.say(
    ...table([{ title: 'type' }, { title: 'resources', align: 'right' }], types, { indent: ' ' }),
    '',
    `${counted(receipt.patients, 'patient')} · ${counted(receipt.resources, 'resource')} · ${bytes(receipt.bytes)} in ${shownPath(cwd, out)} · ${duration(elapsed())}`,
    `  floe load ${pasted(cwd, out)} --lake ./lake`,
  )
  return 0
}
