import type { Lake } from '@floe/lake'

export interface ChartRow {
  readonly label: string
  readonly value: number
}

const perMonth = `
select strftime(cast(left(period_start, 10) as date), '%Y-%m') as label, count(*) as value
from gold.encounter
where length(period_start) >= 10
group by label
order by label desc
limit 8`

const mostFrequent = `
with named as (
  -- SNOMED's names end in their kind: "Hyperlipidemia (disorder)".
  select patient_id, regexp_replace(code_display, ' \\([a-z ]+\\)$', '') as code_display
  from gold.condition
  where code_display is not null
)
select code_display as label, count(distinct patient_id) as value
from named
group by label
order by value desc, label
limit 8`

/** What the demo shows of its lake: Encounters of the last months, and which conditions most patients have. */
export async function demoCharts(lake: Lake): Promise<{ encounters: ChartRow[]; conditions: ChartRow[]; patients: number }> {
  const encounters = (await rowsOf(lake, perMonth)) as unknown as ChartRow[]
  const conditions = (await rowsOf(lake, mostFrequent)) as unknown as ChartRow[]
  const [people] = await rowsOf(lake, 'select count(*) as n from gold.patient')
  return { encounters: encounters.reverse(), conditions, patients: Number(people?.n ?? 0) }
}

async function rowsOf(lake: Lake, sql: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}
