import { writeFile } from 'node:fs/promises'
import { type ExportReceipt, newKeys, smartBackendServices } from '@floe/client'
import type { BuildReceipt, Lake, LakeOptions, LoadReceipt } from '@floe/lake'
import { type Ehr, type SynthesizeProgress, type SynthesizeReceipt, startEhr, synthesize } from '@floe/testkit'
import type { ExportPlan } from '../exports/plan.ts'
import { type EtlListener, type EtlReceipt, etl } from '../pipeline.ts'
import type { DemoPlace } from './place.ts'

export interface DemoOptions {
  readonly place: DemoPlace
  readonly patients: number
  readonly seed: number
  readonly port: number
  readonly signal: AbortSignal
  openLake(options: LakeOptions): Promise<Lake>
  readonly listener: DemoListener
}

/** Told after each step, in this order. */
export interface DemoListener {
  synthesizing(progress: SynthesizeProgress): void
  population(receipt: SynthesizeReceipt): void
  provider(ehr: Ehr): void
  exportEvent: ReturnType<EtlListener['exportStarts']>
  exported(receipt: ExportReceipt): void
  loading: EtlListener['loading']
  loaded(receipts: readonly LoadReceipt[]): void
  built(receipts: readonly BuildReceipt[]): void
}

export interface DemoReceipt extends EtlReceipt {
  readonly population: SynthesizeReceipt
  readonly fhirUrl: string
}

const clientId = 'floe-demo'

/** Population → FHIR server with SMART Backend Services → the main path of `pipeline.ts`. */
export async function runDemo({ place, patients, seed, port, signal, openLake, listener }: DemoOptions): Promise<DemoReceipt> {
  const population = await synthesize({ patients, seed, out: place.population, signal, onProgress: listener.synthesizing })
  listener.population(population)
  const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384' })
  await writeFile(place.key, `${JSON.stringify(privateJwks, null, 2)}\n`, { mode: 0o600 })
  await using ehr = await startEhr({
    folder: place.population,
    port,
    polls: 0,
    auth: { clients: [{ clientId, jwks: publicJwks }] },
  })
  listener.provider(ehr)
  const plan: ExportPlan = {
    client: {
      fhirUrl: ehr.fhirUrl,
      auth: smartBackendServices({ clientId, privateKey: `file:${place.key}` }),
      softwareName: 'floe',
    },
    request: { level: 'group', groupId: population.groupId },
    sinceAuto: false,
    transfer: { compress: 'zstd' },
    additions: { hydrate: [] },
  }
  const receipt = await etl(
    { input: { kind: 'server', plan }, lake: { dir: place.lake }, load: { source: 'demo' } },
    {
      openLake,
      signal,
      turn: (work) => work(),
      listener: {
        exportStarts: () => listener.exportEvent,
        exported: ({ receipt: made }) => listener.exported(made),
        loading: listener.loading,
        loaded: listener.loaded,
        built: listener.built,
      },
    },
  )
  return { ...receipt, population, fhirUrl: ehr.fhirUrl }
}
