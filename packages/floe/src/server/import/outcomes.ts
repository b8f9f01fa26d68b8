import { join } from 'node:path'
import { isBlankLine, lineText, openLines } from '@floe/client/ndjson'
import type { JobFile } from '../../jobs/store.ts'
import { LineFiles } from '../export/line-files.ts'
import { type IssueType, outcome } from '../refusal.ts'
import type { ImportResult, LineError } from './spec.ts'
import type { StagedInput } from './stage.ts'
import { stagedName } from './upload.ts'

export interface Refused {
  readonly line: number
  readonly reason: string
  /** `Type/id`, where it is known already. */
  readonly id?: string
}

/** Errors that stand in the result itself; the outcome file has all. */
const listed = 100

const meanings: Readonly<Record<string, readonly [string, IssueType]>> = {
  json: ['The line is not valid JSON.', 'invalid'],
  encoding: ['The line is not valid UTF-8.', 'invalid'],
  type: ['The resource type is missing, unknown, or another than declared.', 'invalid'],
  id: ['The id is missing or not valid.', 'required'],
  shape: ['An element has a form that FHIR R4 does not allow.', 'invalid'],
  size: ['The line is too long.', 'too-long'],
  depth: ['The resource is nested too deeply.', 'too-long'],
  'duplicate-key': ['A property stands there twice.', 'invalid'],
  truncated: ['The end of the file is missing.', 'invalid'],
  exists: ['A resource of this id is there already.', 'conflict'],
  deletion: ['This is no deletion that can be done.', 'invalid'],
}

/** Writes the outcome file of an input that had failures; undefined when it had none. */
export async function reportInput(
  { input, file, problem, type }: StagedInput,
  {
    refused,
    unlisted,
    index,
    loadDir,
    dir,
  }: {
    readonly refused: readonly Refused[]
    readonly unlisted: number
    readonly index: number
    readonly loadDir: string
    readonly dir: string
  },
): Promise<{ readonly entry: ImportResult['error'][number]; readonly files: readonly JobFile[] } | undefined> {
  if (problem === undefined && refused.length === 0) return undefined
  const files = new LineFiles({ dir, stem: `outcome.${stagedName(index)}`, item: 'error', type: 'OperationOutcome' })
  const errors: LineError[] = []
  const add = async (error: LineError, issue: IssueType): Promise<void> => {
    if (errors.length < listed) errors.push(error)
    const at = error.lineNumber === null ? '' : `line ${error.lineNumber}: `
    await files.write(JSON.stringify(withSource(outcome(issue, `${at}${error.message}`), error.resourceId)))
  }
  if (problem !== undefined)
    await add({ lineNumber: null, resourceId: null, message: `The input could not be read: ${problem}.` }, 'not-found')
  const ids =
    file === undefined ? new Map<number, string>() : await idsOf(join(loadDir, file), new Set(refused.map(({ line }) => line)))
  for (const { line, reason, id } of refused) {
    const [word = ''] = reason.split(' ')
    const [meaning, issue] = meanings[word] ?? ['The line was refused.', 'invalid']
    const detail = reason === word ? '' : ` (${reason})`
    await add({ lineNumber: line, resourceId: id ?? ids.get(line) ?? null, message: `${meaning}${detail}` }, issue)
  }
  if (unlisted > 0)
    await files.write(JSON.stringify(outcome('too-long', `${unlisted} more lines were refused; they are not listed one by one.`)))
  const written = await files.finish()
  const count = Math.max(1, refused.length + unlisted)
  const name = written[0]?.name ?? ''
  const truncated = count > errors.length
  return { entry: { type, inputUrl: input.inputUrl, count, file: name, errors, errorsTruncated: truncated }, files: written }
}

/** Bulk Data v4: which resource an outcome is about. */
const sourceResource = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/operationoutcome-sourceResource'

function withSource(one: object, resourceId: string | null): object {
  return resourceId === null ? one : { ...one, extension: [{ url: sourceResource, valueReference: { reference: resourceId } }] }
}

const idForm = /^[A-Za-z0-9.-]{1,64}$/

/** `Type/id` of lines that say so. */
async function idsOf(path: string, wanted: ReadonlySet<number>): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  try {
    for await (const { number, bytes } of openLines(path)) {
      if (!wanted.has(number) || isBlankLine(bytes)) continue
      const id = referenceOf(bytes)
      if (id !== undefined) found.set(number, id)
    }
  } catch {
    // A cut archive, or a line beyond the bound: the ids before it are known.
  }
  return found
}

function referenceOf(bytes: Buffer): string | undefined {
  try {
    const { resourceType: type, id } = JSON.parse(lineText(bytes)) as { resourceType?: unknown; id?: unknown }
    const known = typeof type === 'string' && /^[A-Z][A-Za-z]{0,63}$/.test(type) && typeof id === 'string' && idForm.test(id)
    return known ? `${type}/${id}` : undefined
  } catch {
    return undefined
  }
}
