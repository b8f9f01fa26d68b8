import { type FhirVersion, fhirVersion, resourceTypes } from '@floe/views/fhir'
import { requireFormat } from './bronze/open-catalog.ts'
import { planExports } from './bronze/plan.ts'
import { formatFor, registerExport } from './bronze/register.ts'
import { enterRelease, leaveRelease } from './bronze/release.ts'
import type { PlannedExport } from './bronze/types.ts'
import { LakeError, usageError } from './errors.ts'
import type { LakeContext } from './silver/context.ts'
import { loadExport } from './silver/load.ts'
import type { LoadOptions, LoadReceipt } from './types.ts'

/**
 * Folders → bronze → silver, one export after the other, oldest first: an increment then finds what it builds on.
 *
 * All folders are looked at before anything is written, so a wrong option, or a folder that tells too little, costs nothing.
 */
export async function loadFolders(context: LakeContext, options: LoadOptions): Promise<LoadReceipt[]> {
  const planned = await planAll(options)
  const { excludeResources } = options
  const told = excludeResources === undefined ? options : { ...options, excludeResources: typesNamed(excludeResources) }
  const receipts: LoadReceipt[] = []
  // Each is let go of when bronze has it: there may be a million files to an export.
  for (let each = planned.shift(); each !== undefined; each = planned.shift()) {
    options.signal?.throwIfAborted()
    requireFormat(context.catalog, formatFor(each))
    const bronze = await registerExport(each, {
      lakeDir: context.dir,
      compress: options.compress,
      maxLine: options.maxLine,
      now: context.now,
      signal: options.signal,
      onProgress: (progress) => options.onProgress?.({ stage: 'bronze', ...progress }),
    })
    receipts.push(await loadExport(context, bronze, told))
  }
  return receipts
}

/** Looks at folders and options as a load would, and writes nothing: for who would rather not make a lake for a wrong command. */
export async function checkFolders(options: LoadOptions, release: FhirVersion = 'R4'): Promise<void> {
  enterRelease(release)
  try {
    await planAll(options)
  } finally {
    leaveRelease()
  }
}

async function planAll({
  folders,
  source = 'default',
  exportGroup,
  exportTimestamp,
  untracked,
  excludeResources = [],
}: LoadOptions): Promise<PlannedExport[]> {
  checkSource(source)
  typesNamed(excludeResources)
  if (folders.length === 0) throw usageError('There is no folder to load.')
  const planned: PlannedExport[] = []
  for (const folder of folders) planned.push(...(await planExports(folder, { source, exportGroup, exportTimestamp, untracked })))
  return planned.toSorted((a, b) => timeOf(a) - timeOf(b))
}

/** An export without a time is loaded last: its rows count as arriving now. */
function timeOf({ exportTime }: PlannedExport): number {
  return exportTime === null ? Number.MAX_SAFE_INTEGER : Date.parse(exportTime)
}

/** Checks a source's name before anything is written (CONTRACT §4, rule 4). */
function checkSource(source: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(source)) return
  throw new LakeError('usage', `${JSON.stringify(source)} is no name of a source.`, {
    hint: 'A letter or digit, then up to 63 letters, digits, dots, dashes or underscores.',
    exitCode: 2,
  })
}

/** Types as R4 spells them, in whatever case they were told: one that is misspelt would keep its Encounters hidden for ever. */
function typesNamed(names: readonly string[]): string[] {
  const types = names.map((name) => name.trim()).filter((name) => name !== '')
  return types.map((name) => {
    const type = [...resourceTypes].find((known) => known.toLowerCase() === name.toLowerCase())
    if (type === undefined)
      throw usageError(
        `${JSON.stringify(name)} is no resource type of ${fhirVersion()}`,
        'For example --exclude-resources Specimen',
      )
    return type
  })
}
