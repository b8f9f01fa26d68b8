import { createHash } from 'node:crypto'
import type { Job } from '../jobs/store.ts'
import { type AuditEntry, auditEvent } from './audit.ts'
import type { ServerContext } from './context.ts'
import type { ExportSpec } from './export/spec.ts'

/**
 * Writes down whose data an export holds, a row per patient: thousands in a transaction, and never while somebody waits for an
 * answer. Done again after a crash it adds nothing twice.
 */
export async function recordDisclosures(
  { control, provider, now }: Pick<ServerContext, 'control' | 'provider' | 'now'>,
  {
    id,
    client,
    spec,
  }: Pick<Job<Pick<ExportSpec, 'access' | 'pin' | 'selection' | 'types' | 'shared'>>, 'id' | 'client' | 'spec'>,
  signal: AbortSignal,
): Promise<void> {
  const recorded = now().toISOString()
  const job = createHash('sha256').update(id).digest('hex')
  const types = spec.types.filter((type) => spec.shared?.includes(type) !== true)
  for await (const rows of provider.patients(spec.pin, types, spec.selection, signal)) {
    control.transaction(() => {
      for (const { patient } of rows) {
        control.run('insert or ignore into disclosures (job, client, address, recorded, patient) values (?, ?, ?, ?, ?)', [
          job,
          client,
          spec.access.from ?? null,
          recorded,
          patient,
        ])
      }
    })
  }
}

/** A row as BALP's disclosure at the source: one patient, and the export as the set that it was part of. */
export function disclosureEvent(row: Readonly<Record<string, unknown>>): { readonly id: string } {
  const entry: AuditEntry = {
    what: 'disclosure',
    action: 'R',
    outcome: '0',
    client: String(row.client),
    address: typeof row.address === 'string' ? row.address : undefined,
    reference: `Patient/${String(row.patient)}`,
    job: String(row.job),
  }
  return { ...auditEvent(entry, String(row.recorded)), id: `d${String(row.id)}` }
}
