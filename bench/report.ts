import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { type Cost, spread } from './measure.ts'

/**
 * What floe is measured beside: a floor (the bare work, without what floe promises) or a peer (a tool people use for the same
 * job).
 */
export interface Other {
  readonly name: string
  readonly kind: 'floor' | 'peer'
  /** One per round, in the order of floe's; empty when it could not run, and then `note` says why. */
  readonly costs: readonly Cost[]
  /** What it did differently: checks it leaves out, lines it lost. */
  readonly note?: string
}

/** A figure with a goal of its own: seconds, bytes, lines a second. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly atMost?: number
  readonly atLeast?: number
}

/** One comparison of one job. The ratio is the other's cost through floe's: 1 is as fast, 2 is twice as fast. */
export interface Row {
  /** The job and its data, with units. */
  readonly what: string
  readonly by: 'wall' | 'cpu' | 'rss'
  readonly floe: readonly Cost[]
  readonly other: Other
  /** The least ratio that is good enough. */
  readonly goal?: number
  readonly figures?: readonly Figure[]
}

/** A benchmark: makes its data below `bench/.data`, runs floe and the others in the same rounds. */
export type Bench = () => Promise<readonly Row[]>

/** What one run of a benchmark left in `bench/results`. */
export interface Result {
  readonly bench: string
  readonly date: string
  readonly machine: string
  readonly rows: readonly Row[]
}

const folder = join(root, 'bench/results')

/** Keeps the rows of a run as `bench/results/NAME.json`, over those of an earlier one. */
export function keep(bench: string, rows: readonly Row[]): Result {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  const machine = `${availableParallelism()} cores, ${memory}, ${process.platform}, Node ${process.versions.node}`
  const result = { bench, date: new Date().toISOString().slice(0, 10), machine, rows }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${bench}.json`), `${JSON.stringify(result, null, 1)}\n`)
  return result
}

/** The ratio in each round, and so its spread: contenders of one round met the same moment of the machine. */
function ratios({ by, floe, other }: Row): { median: number; min: number; max: number } | null {
  const each = floe.flatMap((cost, round) => {
    const theirs = other.costs[round]
    return theirs === undefined || cost[by] === 0 ? [] : [theirs[by] / cost[by]]
  })
  return each.length === 0 ? null : spread(each)
}

const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)

function costText(costs: readonly Cost[], by: Row['by']): string {
  if (costs.length === 0) return 'not run'
  const of = (name: keyof Cost): string => {
    const { median, min, max } = spread(costs.map((cost) => cost[name] / (name === 'rss' ? 1e6 : 1)))
    const unit = name === 'rss' ? 'MB' : 's'
    return name === by ? `**${digits(median)} ${unit}** (${digits(min)}–${digits(max)})` : `${digits(median)} ${unit}`
  }
  const rss = costs.some((cost) => cost.rss > 0) ? ` · ${of('rss')}` : ''
  return `${of('wall')} · ${of('cpu')}${rss}`
}

function verdict(met: boolean | null): string {
  return met === null ? '' : met ? 'met' : '**not met**'
}

function rowCells(row: Row): string[] {
  const ratio = ratios(row)
  const shown = ratio === null ? '–' : `**${digits(ratio.median)}** (${digits(ratio.min)}–${digits(ratio.max)}, ${row.by})`
  const met = ratio === null || row.goal === undefined ? null : ratio.median >= row.goal
  const beside = `${row.other.name}, ${row.other.kind}${row.other.note === undefined ? '' : `: ${row.other.note}`}`
  const goal = row.goal === undefined ? '–' : `≥ ${row.goal.toLocaleString('en')}`
  return [row.what, costText(row.floe, row.by), beside, costText(row.other.costs, row.by), shown, goal, verdict(met)]
}

function figureCells(figure: Figure, row: Row): string[] {
  const { atLeast, atMost } = figure
  const goal = [
    atLeast === undefined ? '' : `≥ ${atLeast.toLocaleString('en')}`,
    atMost === undefined ? '' : `≤ ${atMost.toLocaleString('en')}`,
  ]
  const met =
    atLeast === undefined && atMost === undefined
      ? null
      : figure.value >= (atLeast ?? -Infinity) && figure.value <= (atMost ?? Infinity)
  return [
    row.what,
    figure.name,
    `${digits(figure.value)} ${figure.unit}`,
    goal.filter(Boolean).join(' and ') || '–',
    verdict(met),
  ]
}

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

/** A result as Markdown; the same text goes to the terminal. */
export function sectionOf({ bench, date, machine, rows }: Result): string {
  const figures = rows.flatMap((row) => (row.figures ?? []).map((figure) => figureCells(figure, row)))
  return [
    `## ${bench}`,
    '',
    `\`npm run bench -- ${bench}\` · ${date} · ${machine}`,
    '',
    table(['job', 'floe: wall · CPU · peak memory', 'beside', 'its', 'ratio', 'goal', ''], rows.map(rowCells)),
    '',
    ...(figures.length === 0 ? [] : [table(['job', 'figure', 'measured', 'goal', ''], figures), '']),
  ].join('\n')
}

/** `docs/benchmarks.md`, of all results that are kept. */
export function benchmarksPage(): string {
  const results = globSync('*.json', { cwd: folder })
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result)
  return [
    '# Benchmarks',
    '',
    '<!-- Made by scripts/generate-docs.ts from bench/results; do not edit. -->',
    '',
    'Reference, for everybody who asks how fast. `npm run bench` makes the data, runs floe and the others in turn in the same rounds on the same machine, and writes the results and this page; `npm run bench -- NAME…` runs some of them.',
    "A ratio is the other's cost through floe's, taken in each round: 1 is as fast, 2 is twice as fast; in brackets the smallest and the largest. Costs are medians; CPU includes child processes; memory is the largest of a process's own high-water mark. A **floor** does the bare work without what floe promises (hashes, checks, history, commits); a **peer** is a tool that people use for the job, with its defaults unless a note says otherwise.",
    'How peers are installed, and how to give a path of your own: [bench/README.md](../bench/README.md). Only ratios travel from one machine to another.',
    '',
    ...results.map(sectionOf),
  ].join('\n')
}
