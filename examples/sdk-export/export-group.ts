import { BulkClient, BulkError, type ExportReceipt, smartBackendServices } from '@floe/client'

export interface ExportGroupOptions {
  fhirUrl: string
  clientId: string
  /** A JWKS, JWK or PEM file, as a reference: the export folder keeps it, never the key. */
  privateKey: `file:${string}` | `env:${string}`
  groupId: string
  to: string
  signal?: AbortSignal
}

/** Exports some types of a Group, and says how it goes. Called again with the same options it goes on where it stopped. */
export async function exportGroup({
  fhirUrl,
  clientId,
  privateKey,
  groupId,
  to,
  signal,
}: ExportGroupOptions): Promise<ExportReceipt> {
  const client = new BulkClient({ fhirUrl, auth: smartBackendServices({ clientId, privateKey }) })
  return await client.export(
    { level: 'group', groupId, type: ['Patient', 'Condition'] },
    {
      to,
      compress: 'zstd',
      ...(signal === undefined ? {} : { signal }),
      onStatusChecked: ({ xProgress, nextPollMs }) =>
        console.error(`${xProgress ?? 'waiting'}; next look in ${nextPollMs / 1000} s`),
      onFileComplete: ({ path, lines, bytes }) => console.error(`${path}: ${lines} resources, ${bytes} bytes`),
    },
  )
}

/** Resources come one by one, parsed; memory is that of the longest line. */
export async function countByGender(receipt: ExportReceipt): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for await (const { gender } of receipt.resources('Patient')) counts[String(gender)] = (counts[String(gender)] ?? 0) + 1
  return counts
}

/** An export that was interrupted, or whose server was away, is worth another call; a refused one is not. */
export function isWorthAnotherCall(error: unknown): boolean {
  return error instanceof BulkError && error.retryable
}
