/**
 * `floe view run` to Parquet beside hand-written DuckDB SQL for the same view, in CPU; beside the reference implementation in
 * JavaScript, which walks one resource after the other; and 20 rules over all Encounters.
 *
 * FLOE_SOF_JS names a folder with the reference implementation (`sof-js` of FHIR/sql-on-fhir-v2, with its dependencies
 * installed); without it npm `fhirpath` stands in, called as it calls it: each path is parsed anew for each resource.
 */
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { oracle } from '../conformance/views/oracle.ts'
import { root } from '../scripts/sources.ts'
import { dataDir } from './data.ts'
import { type Cost, measure, rounds, spread } from './measure.ts'
import type { Other, Row } from './report.ts'
import { encounterData, encounters } from './views-data.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const floor = join(root, 'bench/views-floor.ts')
const out = join(dataDir, 'views')
const sofJs = process.env.FLOE_SOF_JS

const column = (name: string, path: string): object => ({ name, path })
const flat = {
  resourceType: 'ViewDefinition',
  name: 'flat',
  resource: 'Encounter',
  select: [
    {
      column: [
        ...[column('id', 'id'), column('status', 'status'), column('last_updated', 'meta.lastUpdated')],
        ...[column('class_code', 'class.code'), column('class_system', 'class.system')],
        ...[column('type_code', 'type.first().coding.first().code'), column('type_text', 'type.first().text')],
        ...[column('start', 'period.start'), column('end', 'period.end'), column('subject', 'subject.reference')],
        ...[column('provider', 'serviceProvider.reference'), column('location', 'location.first().location.reference')],
        ...[
          column('participant', 'participant.first().individual.reference'),
          column('reason', 'reasonCode.first().coding.first().code'),
        ],
      ],
    },
  ],
}
const nested = {
  ...{ resourceType: 'ViewDefinition', name: 'nested', resource: 'Encounter', where: [{ path: "status = 'finished'" }] },
  select: [
    { column: [column('id', 'id'), column('start', 'period.start')] },
    {
      forEach: 'participant',
      column: [column('individual', 'individual.reference')],
      select: [{ forEachOrNull: 'type.coding', column: [column('code', 'code'), column('display', 'display')] }],
    },
    { forEachOrNull: 'location', column: [column('location', 'location.reference')] },
  ],
}

const handFlat = `select id, status, meta."lastUpdated" as last_updated, class.code as class_code, class.system as class_system,
  type[1].coding[1].code as type_code, type[1].text as type_text, period.start as start, period."end" as "end",
  subject.reference as subject, "serviceProvider".reference as provider, location[1].location.reference as location,
  participant[1].individual.reference as participant, "reasonCode"[1].coding[1].code as reason
from encounters`
const handNested = `select id, start, individual, c.code as code, c.display as display, l.location.reference as location
from (
  select id, start, individual, unnest(case when len(codings) > 0 then codings else [null] end) as c, location as l
  from (
    select id, start, p.individual.reference as individual, flatten(list_transform(p.type, lambda t: t.coding)) as codings,
      unnest(case when len(locations) > 0 then locations else [null] end) as location
    from (
      select id, period.start as start, unnest(participant) as p, location as locations
      from encounters where status = 'finished')))`

const reference = 'struct(reference varchar)'
const concept = 'struct(coding struct(code varchar, display varchar)[], text varchar)'
const flatColumns = {
  ...{ id: 'varchar', status: 'varchar', meta: 'struct("lastUpdated" varchar)', class: 'struct(code varchar, system varchar)' },
  ...{ type: `${concept}[]`, period: 'struct(start varchar, "end" varchar)', subject: reference, serviceProvider: reference },
  ...{ location: `struct(location ${reference})[]`, participant: `struct(individual ${reference})[]` },
  reasonCode: `${concept}[]`,
}
const nestedColumns = {
  ...{ id: 'varchar', status: 'varchar', period: 'struct(start varchar)', location: `struct(location ${reference})[]` },
  participant: `struct(individual ${reference}, type struct(coding struct(code varchar, display varchar)[])[])[]`,
}

/** Rows: CPU of floe beside that of hand-written SQL, beside a JavaScript interpreter, and the time of 20 rules. */
export async function views(): Promise<readonly Row[]> {
  const { folder, lake, bytes } = await encounterData()
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const ndjson = join(folder, 'Encounter.000.ndjson')
  const data = join(lake, 'warehouse/silver/encounter/data')
  const files = readdirSync(data)
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => `'${join(data, name)}'`)
  const rows: Row[] = []
  for (const [name, view, hand, columns] of [
    ['flat', flat, handFlat, flatColumns],
    ['nested', nested, handNested, nestedColumns],
  ] as const) {
    const file = join(out, `${name}.json`)
    writeFileSync(file, JSON.stringify(view))
    const types = Object.entries(columns).map(([key, type]) => `"${key}": '${type}'`)
    const sources = {
      NDJSON: {
        from: ['--from', folder],
        relation: `read_json('${ndjson}', format = 'newline_delimited', columns = {${types.join(', ')}})`,
      },
      silver: { from: ['--lake', lake], relation: `read_parquet([${files.join(', ')}])` },
    }
    const interpreted = await interpretedCost(view, file, ndjson)
    for (const [source, { from, relation }] of Object.entries(sources)) {
      const sql = join(out, `${name}-${source}.sql`)
      writeFileSync(sql, `with encounters as (select * from ${relation})\n${hand}`)
      const parquet = ['--format', 'parquet', '--out', join(out, `${name}-${source}.parquet`), '--quiet']
      const costs = await rounds(3, {
        floe: () => measure(['node', main, 'view', 'run', file, ...from, ...parquet]),
        hand: () => measure(['node', floor, 'copy', sql, join(out, `${name}-${source}-hand.parquet`)]),
      })
      const what = `${name} view of ${encounters.toLocaleString('en')} Encounters, ${(bytes / 1e6).toFixed(0)} MB of NDJSON, from ${source} to Parquet`
      rows.push(
        {
          what,
          by: 'cpu',
          floe: costs.floe,
          other: { name: 'hand-written DuckDB SQL', kind: 'floor', costs: costs.hand },
          goal: 0.83,
        },
        {
          what,
          by: 'cpu',
          floe: costs.floe,
          other:
            sofJs === undefined ? interpreter(interpreted.each, 'paths parsed for each resource') : referenceJs(interpreted.each),
          goal: 1000,
        },
        { what, by: 'cpu', floe: costs.floe, other: interpreter(interpreted.once, 'paths parsed once') },
      )
    }
  }
  rows.push(rulesRow(lake))
  rmSync(out, { recursive: true, force: true })
  return rows
}

/** What all Encounters would cost, of what some of them did. */
function interpreter(seconds: number, note: string, name = 'JavaScript interpreter on fhirpath.js'): Other {
  const cost = { wall: seconds * encounters, cpu: seconds * encounters, rss: 0 }
  return { name, kind: 'peer', note: `${note}, reckoned from a part`, costs: [cost, cost, cost] }
}

function referenceJs(seconds: number): Other {
  return interpreter(seconds, 'warm, without the start of its process', 'sof-js, the reference implementation of SQL on FHIR')
}

interface Interpreted {
  /** CPU seconds for one resource: paths parsed for each resource, as the reference implementation does, and parsed once. */
  readonly each: number
  readonly once: number
}

/** Per resource, over the first ones: the whole file would take an interpreter a quarter of an hour. */
async function interpretedCost(view: object, viewFile: string, file: string): Promise<Interpreted> {
  const lines: string[] = []
  for await (const line of createInterface(createReadStream(file, { end: 4_000_000 }))) lines.push(line)
  lines.pop() // cut
  const cost = (count: number, parseEachTime: boolean): number => {
    const run = oracle(view as Parameters<typeof oracle>[0], new Map(), { parseEachTime })
    for (const line of lines.slice(0, 20)) run(JSON.parse(line) as Parameters<typeof run>[0])
    const used = process.cpuUsage()
    for (const line of lines.slice(0, count)) run(JSON.parse(line) as Parameters<typeof run>[0])
    const { user, system } = process.cpuUsage(used)
    return (user + system) / 1e6 / Math.min(count, lines.length)
  }
  return { each: sofJs === undefined ? cost(100, true) : referenceCost(sofJs, viewFile, lines), once: cost(2000, false) }
}

function referenceCost(dir: string, viewFile: string, lines: readonly string[]): number {
  const slice = join(out, 'slice.ndjson')
  writeFileSync(slice, `${lines.slice(0, 1000).join('\n')}\n`)
  const { stderr, status } = spawnSync(process.execPath, [floor, 'reference', dir, viewFile, slice], { encoding: 'utf8' })
  const [, cpu, resources] = /^reference (\S+) (\S+)/m.exec(stderr) ?? []
  if (status !== 0 || cpu === undefined) throw new Error(`the implementation in ${dir} failed: ${stderr.slice(-2000)}`)
  return Number(cpu) / Number(resources)
}

const expressions = [
  ...['status', 'class', 'type', 'subject', 'period', 'participant', 'location', 'serviceProvider', 'identifier', 'meta'].map(
    (name) => `${name}.exists()`,
  ),
  'period.start <= period.end',
  "status in ('planned' | 'arrived' | 'triaged' | 'in-progress' | 'onleave' | 'finished' | 'cancelled' | 'entered-in-error' | 'unknown')",
  'class.code.exists() and class.system.exists()',
  'type.coding.where(system.exists() and code.exists()).exists()',
  "subject.reference.startsWith('Patient/')",
  "status != 'finished' or period.end.exists()",
  'participant.individual.reference.exists()',
  "id.matches('^[A-Za-z0-9.-]{1,64}$')",
  'type.first().text.length() > 2',
  'location.location.display.exists()',
]

function rulesRow(lake: string): Row {
  const file = join(out, 'rules.json')
  const rules = expressions.map((expression, index) => ({
    ...{ id: `rule-${index}`, resource: 'Encounter', expression, severity: 'warning', message: 'm' },
  }))
  const time = (count: number): Cost => {
    writeFileSync(file, JSON.stringify(rules.slice(0, count)))
    const { stderr, status } = spawnSync(process.execPath, [floor, 'rules', lake, file], { encoding: 'utf8' })
    const [, wall, cpu] = /^rules (\S+) (\S+)$/m.exec(stderr) ?? []
    if (status !== 0 || wall === undefined) throw new Error(stderr)
    return { wall: Number(wall), cpu: Number(cpu), rss: 0 }
  }
  const costs = [1, 2, 3].map(() => ({ one: time(1), all: time(rules.length) }))
  const all = costs.map((cost) => cost.all)
  return {
    what: `${rules.length} quality rules over ${encounters.toLocaleString('en')} Encounters`,
    by: 'wall',
    floe: all,
    other: { name: 'one rule', kind: 'floor', note: 'times the pass over the data itself', costs: costs.map((cost) => cost.one) },
    figures: [{ name: 'time of a pass', value: spread(all.map((cost) => cost.wall)).median, unit: 's', atMost: 3 }],
  }
}
