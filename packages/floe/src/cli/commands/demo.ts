import { openLake } from '@floe/lake'
import { demoCharts } from '../../demo/charts.ts'
import { type DemoListener, type DemoReceipt, runDemo } from '../../demo/demo.ts'
import { prepareDemoPlace } from '../../demo/place.ts'
import { FloeError } from '../../errors.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { exportObject } from '../export-report.ts'
import { incomplete } from '../incomplete.ts'
import { builtText, equation, loadObjects, reconciles, sums } from '../load-report.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { barChart, gauge, sideBySide } from '../ui/chart.ts'
import { bytes, count, counted, duration, percent, rate } from '../ui/format.ts'
import { pad } from '../ui/table.ts'
import { loadProgress } from './load.ts'

/** Where the times of the steps stand. */
const timeColumn = 100

/** The whole product on one machine with nothing configured. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd, signal } = context
  const patients = settings.patients ?? 100
  const place = await prepareDemoPlace(pathFrom(cwd, settings.dir))
  context.goesOnWith(`floe demo --patients ${patients} --dir ${pasted(cwd, place.dir)}`)
  const started = performance.now()
  ui.say(`floe demo · ${counted(patients, 'synthetic patient')} in ${shownPath(cwd, place.dir)}`, '')
  const options = { place, patients, seed: settings.seed, port: settings.port ?? 0, signal, openLake }
  const receipt = await runDemo({ ...options, listener: listener(context, patients) })
  await using lake = await openLake({ dir: place.lake })
  const charts = await demoCharts(lake)
  const shown = Math.min(ui.width, 110)
  const half = Math.floor((shown - 5) / 2)
  ui.say(
    '',
    ...sideBySide(
      barChart(
        ' Encounters a month (gold.encounter)',
        charts.encounters.map((row) => ({ label: ` ${row.label}`, value: row.value, text: count(row.value) })),
        { width: half },
      ),
      barChart(
        'Most frequent conditions (gold.condition)',
        charts.conditions.map((row) => ({ ...row, text: percent(row.value, charts.patients) })),
        { width: half },
      ),
      shown,
    ),
    '',
  )
  ui.result({
    dir: place.dir,
    population: receipt.population,
    ...(receipt.export === undefined ? {} : { export: exportObject(receipt.export) }),
    loads: loadObjects(receipt.loads),
    gold: receipt.gold,
    ...receipt.visibility,
    charts,
  })
  return verdict(context, receipt, place.lake, performance.now() - started)
}

function verdict(context: CommandContext, receipt: DemoReceipt, lake: string, elapsed: number): 0 | 7 {
  const { ui, cwd } = context
  const shown = pasted(cwd, lake)
  if (!reconciles(receipt.loads))
    throw new FloeError('failed', 'the counts do not add up', { hint: `floe status --lake ${shown}` })
  if (receipt.exitCode === 7) {
    ui.say(`loaded, but not complete, in ${duration(elapsed)}. Look:`, `  floe status --lake ${shown}`)
    return incomplete(context, 'loaded, but not complete', `floe status --lake ${shown}`)
  }
  ui.say(
    `complete in ${duration(elapsed)}. Try:`,
    `  floe query "select gender, count(*) from gold.patient group by all" --lake ${shown}`,
    `  floe status --lake ${shown}`,
    `  floe tables --lake ${shown}`,
  )
  return 0
}

function listener({ ui }: CommandContext, patients: number): DemoListener {
  let mark = performance.now()
  const step = (name: string, text: string, timed = true): void => {
    const now = performance.now()
    ui.settle()
    const line = ` ${pad(name, 12)} ${text}`
    ui.say(timed ? `${pad(line, timeColumn)} ${pad(duration(now - mark), 7, 'right')}` : line)
    mark = now
  }
  const drawLoad = loadProgress(ui)
  const working = (text: string): void => ui.live({ lines: () => [` ${text}`], plain: () => ` ${text}` })
  return {
    synthesizing: (progress) => {
      const text = `${gauge(progress.patients, patients, 30)} ${counted(progress.resources, 'resource')} · ${bytes(progress.bytes)}`
      working(`population   ${text}`)
    },
    population: (made) => {
      const types = Object.keys(made.types).length
      step(
        'population',
        `${counted(made.patients, 'patient')} · ${counted(made.resources, 'resource')} · ${types} types · ${bytes(made.bytes)}`,
      )
    },
    provider: (ehr) => {
      step('provider', `FHIR Bulk Data server on ${new URL(ehr.fhirUrl).host}, SMART Backend Services (ES384)`, false)
      working('export       asked for')
    },
    exportEvent: ui.event,
    exported: (receipt) => {
      const content = receipt.files.reduce((sum, file) => sum + file.contentBytes, 0)
      const speed = rate(content, receipt.durationMs)
      step(
        'export',
        `Group/demo · ${counted(receipt.totals.files, 'file')} · ${bytes(content)} · ${speed} · SHA-256 and counts verified`,
      )
      const stored = receipt.files.reduce((sum, file) => sum + file.bytes, 0)
      step('bronze', `${counted(receipt.totals.files, 'file')} kept as served, ${bytes(stored)} zstd`, false)
    },
    loading: drawLoad,
    loaded: (receipts) => {
      const tables = receipts.reduce((sum, receipt) => sum + receipt.types.filter((type) => type.lines > 0).length, 0)
      step('silver', `${tables} Iceberg tables · ${equation(sums(receipts))}`)
      working('gold         building views')
    },
    built: (receipts) => step('gold', builtText(receipts)),
  }
}
