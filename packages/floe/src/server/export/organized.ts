import type { ServerContext } from '../context.ts'
import { patientOf } from './compartment.ts'
import { keptElements, subset } from './elements.ts'
import type { LineFiles } from './line-files.ts'
import type { ExportSpec } from './spec.ts'
import { Spool } from './spool.ts'

/** Resources of a type that cannot be handed on: their text is missing, or it names no patient (Provenance of a resource). */
export interface LeftOut {
  readonly type: string
  readonly rows: number
  readonly why: 'no text' | 'no patient'
}

export interface Organized {
  readonly provider: ServerContext['provider']
  readonly spec: ExportSpec
  /** Texts are put in order below it. */
  readonly dir: string
  /** About how many resources there are. */
  readonly weight: number
  readonly signal: AbortSignal
  readonly onLines: (lines: number) => void
}

/**
 * Writes blocks of one patient each, begun by a header; a block never goes over two files. Gives what was left out.
 */
export async function writeOrganized(organized: Organized, files: LineFiles): Promise<LeftOut[]> {
  const { dir, weight, signal, onLines } = organized
  await using spool = await Spool.open(dir, weight)
  let lines = 0
  // Each resource is read once and written once: both are half of the work.
  const step = (): void => onLines(++lines / 2)
  const leftOut = await gather(organized, spool, step)
  for await (const { key, texts } of spool.groups()) {
    signal.throwIfAborted()
    await files.endBlock()
    const header = { name: 'header', valueReference: { reference: `Patient/${key}` } }
    await files.write(JSON.stringify({ resourceType: 'Parameters', parameter: [header] }))
    for await (const text of texts) {
      await files.write(text)
      step()
    }
  }
  return leftOut
}

async function gather({ provider, spec, signal }: Organized, spool: Spool, step: () => void): Promise<LeftOut[]> {
  const leftOut: LeftOut[] = []
  for (const type of spec.types) {
    const kept = keptElements(type, spec.elements)
    let [missing, ofNobody] = [0, 0]
    const onMissing = (rows: number): void => {
      missing += rows
    }
    for (const unit of await provider.units(spec.pin, type)) {
      for await (const chunk of provider.lines(spec.pin, unit, spec.selection, { signal, onMissing })) {
        for (const raw of chunk) {
          const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString()
          const patient = patientOf(type, text)
          if (patient === undefined) ofNobody++
          else await spool.add(patient, kept === undefined ? raw : Buffer.from(subset(text, kept)))
          step()
        }
      }
    }
    leftOut.push({ type, rows: missing, why: 'no text' }, { type, rows: ofNobody, why: 'no patient' })
  }
  return leftOut
}
