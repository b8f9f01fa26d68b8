import { statSync } from 'node:fs'
import { type Lake, type LakeOptions, openLake } from '@floe/lake'
import { type ExitCode, usageError } from '../../errors.ts'
import { isWhole, newMembersLines } from '../../exports/new-members.ts'
import { planExport } from '../../exports/plan.ts'
import { exportTitle } from '../../exports/run.ts'
import { type EtlListener, type EtlReceipt, etl, type Input, type Turn } from '../../pipeline.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { exportProgress } from '../export-progress.ts'
import { exportObject, exportVerdict, missingAttachments, newMembersObject, outcomeLines } from '../export-report.ts'
import { incomplete } from '../incomplete.ts'
import { builtText, equation, loadLines, loadObjects, nextLook, noticesOf, shortcomings, sums } from '../load-report.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { encounterLines } from '../status-report.ts'
import { count, duration } from '../ui/format.ts'
import { runSources } from './etl-sources.ts'
import { buildFolders, lakeOptions } from './lake-options.ts'
import { loadOptions, loadProgress } from './load.ts'
import { openLakeForLoad } from './with-lake.ts'

/** A FHIR server or a folder into a lake. */
export const run: RunCommand = async (context) => {
  if (context.settings.allSources === true) return await runSources(context, runOne)
  return await runOne(context, (work) => work())
}

async function runOne(context: CommandContext, turn: Turn): Promise<ExitCode> {
  const { cwd, signal } = context
  const lake = lakeOptions(context, 'etl')
  const input = inputOf(context)
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  const build = buildFolders(context)
  const load = loadOptions(context)
  const open = (options: LakeOptions): Promise<Lake> =>
    turn(() => (input.kind === 'folder' ? openLakeForLoad(options, { ...load, folders: [input.folder] }) : openLake(options)))
  const fhirUrl = input.kind === 'server' ? input.plan.client.fhirUrl : ''
  const receipt = await etl({ input, lake, load, build }, { openLake: open, listener: listener(context, fhirUrl), signal, turn })
  return report(context, receipt, pasted(cwd, lake.dir), performance.now() - started)
}

function inputOf({ args, settings, cwd }: CommandContext): Input {
  const told = args[0] ?? settings.fhirUrl
  if (told === undefined)
    throw usageError('nothing to load is told', 'floe etl https://ehr.example.org/fhir/Group/42 --lake ./lake')
  if (/^https?:\/\//i.test(told)) {
    // Bronze keeps what it gets compressed, unless told otherwise.
    const plan = planExport(told, { ...settings, compress: settings.compress ?? 'zstd' }, cwd)
    return { kind: 'server', plan, ...(settings.exportTo === undefined ? {} : { to: pathFrom(cwd, settings.exportTo) }) }
  }
  const folder = pathFrom(cwd, told)
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined) {
    throw usageError(`${told} is neither a folder nor an address that begins with https://`, 'floe etl ./export --lake ./lake')
  }
  if (!found.isDirectory())
    throw usageError(`${told} is a file; a folder is loaded whole`, `floe etl ${pasted(cwd, `${folder}/..`)} --lake ./lake`)
  if (settings.exportTo !== undefined) throw usageError('--export-to goes with the address of a server, not with a folder')
  return { kind: 'folder', folder }
}

function listener({ ui, cwd }: CommandContext, address: string): EtlListener {
  const drawLoad = loadProgress(ui)
  return {
    exportStarts: (request, since, folder) => {
      const resumeLine = `the same command again goes on (or floe resume ${pasted(cwd, folder)})`
      return exportProgress(ui, { title: exportTitle(request, address, since), resumeLine })
    },
    exported: ({ receipt, newMembers }) => {
      ui.settle()
      ui.step(` ${exportVerdict(receipt, shownPath(cwd, receipt.folder))}`)
      for (const line of outcomeLines(receipt)) ui.warn(line)
      for (const line of newMembersLines(newMembers)) newMembers?.gap === undefined ? ui.step(` ${line}`) : ui.warn(` ${line}`)
    },
    loading: drawLoad,
    loaded: (receipts) => {
      ui.settle()
      for (const notice of noticesOf(receipts, ui)) ui.warn(` ${notice}`)
    },
    built: () => {},
  }
}

function report(context: CommandContext, receipt: EtlReceipt, lake: string, elapsed: number): ExitCode {
  const { ui } = context
  const { loads, gold } = receipt
  ui.result({
    ...(receipt.export === undefined ? {} : { export: exportObject(receipt.export) }),
    ...newMembersObject(receipt.newMembers),
    loads: loadObjects(loads),
    gold,
    ...receipt.visibility,
  })
  ui.say(...loads.flatMap((load) => [...loadLines(load, ui), '']))
  const rows = gold.reduce((sum, table) => sum + table.rows, 0)
  ui.say(`gold: ${builtText(gold)} · ${count(rows)} rows`)
  if (receipt.visibility.encounters.hidden > 0) ui.say(...encounterLines(receipt.visibility))
  const facts = `${equation(sums(loads))} · ${duration(elapsed)}`
  if (receipt.exitCode === 7) {
    const next = nextLook(loads, lake)
    const verdict = `loaded, with ${shortcomings(loads, exportShortcomings(receipt))}`
    ui.say(`${verdict} · ${facts}`, `  ${next}`)
    return incomplete(context, verdict, next)
  }
  ui.say(`${loads.every((load) => load.unchanged) ? 'unchanged' : 'complete'} · ${facts}`, `  floe tables --lake ${lake}`)
  return 0
}

function exportGaps(exported: NonNullable<EtlReceipt['export']>): string[] {
  const missing = missingAttachments(exported)
  if (missing !== '') return [missing]
  return exported.exitCode === 7 ? ['errors reported by the server'] : []
}

function exportShortcomings({ export: exported, newMembers }: EtlReceipt): string[] {
  return [
    ...(exported === undefined ? [] : exportGaps(exported)),
    ...(newMembers === undefined || isWhole(newMembers) ? [] : ['new members of the Group without their earlier history']),
  ]
}
