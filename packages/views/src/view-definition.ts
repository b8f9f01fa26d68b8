import { ViewError } from './errors.ts'
import { resourceTypes } from './fhir/index.ts'
import type { Ast } from './fhirpath/ast.ts'
import { parseFhirPath } from './fhirpath/parser.ts'
import { isDate, isTime } from './temporal.ts'

/** A ViewDefinition as JSON (SQL on FHIR 2.x and 3.0-ballot); metadata elements are ignored. */
export interface ViewDefinition {
  readonly resourceType?: string
  readonly url?: string
  readonly name?: string
  readonly title?: string
  readonly description?: string
  readonly status?: string
  readonly fhirVersion?: readonly string[]
  readonly resource: string
  readonly constant?: readonly { readonly name: string; readonly [value: string]: unknown }[]
  readonly where?: readonly { readonly path: string; readonly description?: string }[]
  readonly select: readonly ViewSelect[]
  readonly [metadata: string]: unknown
}

/** One `select` of a ViewDefinition. */
export interface ViewSelect {
  readonly column?: readonly ViewColumn[]
  readonly select?: readonly ViewSelect[]
  readonly forEach?: string
  readonly forEachOrNull?: string
  readonly repeat?: readonly string[]
  readonly unionAll?: readonly ViewSelect[]
}

/** One `column` of a ViewDefinition. */
export interface ViewColumn {
  readonly name: string
  readonly path: string
  readonly description?: string
  readonly type?: string
  readonly collection?: boolean
  readonly tag?: readonly { readonly name: string; readonly value: string }[]
}

/** A FHIRPath expression of a view, with the element that holds it. */
export interface Path {
  readonly ast: Ast
  readonly text: string
  readonly path: string
}

/** A checked view: what {@link parseView} makes of the JSON. */
export interface View {
  readonly name: string | undefined
  readonly resource: string
  readonly constants: ReadonlyMap<string, Constant>
  readonly where: readonly Path[]
  readonly select: Select
}

/** `text` is the value as FHIR text; of a decimal the digits of the JSON number. */
export interface Constant {
  readonly type: string
  readonly text: string
}

export interface Select {
  readonly iterate?: Iterate
  readonly columns: readonly Column[]
  readonly selects: readonly Select[]
  readonly unionAll: readonly Select[]
  readonly path: string
}

export type Iterate =
  | { readonly kind: 'forEach' | 'forEachOrNull'; readonly over: Path }
  | { readonly kind: 'repeat'; readonly over: readonly Path[] }

export interface Column {
  readonly name: string
  readonly value: Path
  readonly collection: boolean
  readonly type: string | undefined
  readonly path: string
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const CONSTANT_TYPES: ReadonlySet<string> = new Set(
  'Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Integer64 Markdown Oid String PositiveInt Time UnsignedInt Uri Url Uuid'.split(
    ' ',
  ),
)
const MAX_DEPTH = 32

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const fail = (path: string, reason: string): never => {
  throw new ViewError(reason, { path })
}

/** Checks a ViewDefinition and parses its expressions; throws a {@link ViewError} that names the element. */
export function parseView(json: unknown): View {
  if (!isObject(json)) throw new ViewError('a ViewDefinition is a JSON object')
  const { resourceType, name, resource } = json
  if (resourceType !== undefined && !(typeof resourceType === 'string' && /(^|\/)ViewDefinition$/.test(resourceType))) {
    fail('resourceType', `expected "ViewDefinition", found ${show(resourceType)}`)
  }
  if (name !== undefined && !(typeof name === 'string' && NAME.test(name)))
    fail('name', `${show(name)} is not a name: ${NAME.source}`)
  if (typeof resource !== 'string')
    throw new ViewError('names the resource type of the view and is required', { path: 'resource' })
  if (!resourceTypes.has(resource)) fail('resource', `${show(resource)} is not a resource type of FHIR R4`)
  const view: View = {
    name: typeof name === 'string' ? name : undefined,
    resource,
    constants: constantsOf(json.constant),
    where: listOf(json.where, 'where').map((it, index) => pathOf(it.path, `where[${index}].path`)),
    select: { columns: [], selects: selectsOf(json.select, 'select', 0), unionAll: [], path: 'select' },
  }
  if (!view.select.selects.length) fail('select', 'a view needs at least one select')
  checkNames(view.select)
  return view
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

function listOf(value: unknown, path: string): Json[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return fail(path, 'expected a list')
  return value.map((item, index) => (isObject(item) ? item : fail(`${path}[${index}]`, 'expected an object')))
}

function pathOf(value: unknown, path: string): Path {
  if (typeof value !== 'string') return fail(path, value === undefined ? 'is required' : 'expected a FHIRPath expression as text')
  try {
    return { ast: parseFhirPath(value), text: value, path }
  } catch (error) {
    throw error instanceof ViewError ? new ViewError(error.reason, { ...error, path, expression: value }) : error
  }
}

function constantsOf(value: unknown): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>()
  for (const [index, it] of listOf(value, 'constant').entries()) {
    const path = `constant[${index}]`
    const name =
      typeof it.name === 'string' && NAME.test(it.name)
        ? it.name
        : fail(`${path}.name`, `${show(it.name)} is not a name: ${NAME.source}`)
    if (constants.has(name)) fail(`${path}.name`, `constant ${name} is defined twice`)
    const values = Object.keys(it).filter((key) => key.startsWith('value') && it[key] !== undefined && it[key] !== null)
    const [key = ''] = values
    if (values.length !== 1)
      fail(path, values.length ? `constant ${name} has more than one value` : `constant ${name} has no value`)
    const kind = key.slice('value'.length)
    if (!CONSTANT_TYPES.has(kind)) fail(`${path}.${key}`, `a constant has no ${key}`)
    const type = kind.charAt(0).toLowerCase() + kind.slice(1)
    constants.set(name, { type, text: constantText(it[key], type, `${path}.${key}`) })
  }
  return constants
}

function constantText(value: unknown, type: string, path: string): string {
  const expected = type === 'boolean' ? 'boolean' : /^(decimal|integer|positiveInt|unsignedInt)$/.test(type) ? 'number' : 'string'
  const fits = typeof value === expected || (type === 'integer64' && typeof value === 'number')
  if (!fits) fail(path, `expected a ${expected}, found ${show(value)}`)
  if (type === 'integer64') integer64(value, path)
  if (expected === 'number' && type !== 'decimal' && !Number.isInteger(value))
    fail(path, `expected an integer, found ${show(value)}`)
  if (/^(date|dateTime|instant)$/.test(type) && !(isDate(String(value)) && !String(value).endsWith('T')))
    fail(path, `there is no such ${type}: ${show(value)}`)
  if (type === 'time' && !isTime(String(value))) fail(path, `there is no such time: ${show(value)}`)
  return String(value)
}

/** FHIR writes them as text, since a JSON number does not hold all of them. */
function integer64(value: unknown, path: string): void {
  const text = String(value)
  if (!/^-?\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    fail(path, `expected an integer of 64 bits, found ${show(value)}`)
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    fail(path, `${show(value)} has more digits than a JSON number holds: write it as text`)
}

function selectsOf(value: unknown, path: string, depth: number): Select[] {
  if (depth > MAX_DEPTH) fail(path, `nested deeper than ${MAX_DEPTH} levels`)
  return listOf(value, path).map((it, index) => selectOf(it, `${path}[${index}]`, depth))
}

function selectOf(json: Json, path: string, depth: number): Select {
  const iterate = iterateOf(json, path)
  const columns = listOf(json.column, `${path}.column`).map((it, index) => columnOf(it, `${path}.column[${index}]`))
  const selects = selectsOf(json.select, `${path}.select`, depth + 1)
  const unionAll = selectsOf(json.unionAll, `${path}.unionAll`, depth + 1)
  if (!columns.length && !selects.length && !unionAll.length) fail(path, 'a select needs a column, a select or a unionAll')
  const select: Select = { ...(iterate && { iterate }), columns, selects, unionAll, path }
  checkUnion(select)
  return select
}

function iterateOf(json: Json, path: string): Iterate | undefined {
  const kinds = (['forEach', 'forEachOrNull', 'repeat'] as const).filter(
    (kind) => json[kind] !== undefined && json[kind] !== null,
  )
  const [kind] = kinds
  if (kinds.length > 1) fail(path, `only one of forEach, forEachOrNull and repeat is allowed, found ${kinds.join(' and ')}`)
  if (kind === undefined) return undefined
  if (kind !== 'repeat') return { kind, over: pathOf(json[kind], `${path}.${kind}`) }
  const paths = json.repeat
  if (!Array.isArray(paths) || !paths.length) return fail(`${path}.repeat`, 'expected a list of FHIRPath expressions')
  return { kind, over: paths.map((it, index) => pathOf(it, `${path}.repeat[${index}]`)) }
}

function columnOf(json: Json, path: string): Column {
  const { name, type, collection } = json
  if (typeof name !== 'string') return fail(`${path}.name`, 'is required')
  if (!NAME.test(name)) fail(`${path}.name`, `${show(name)} is not a name: ${NAME.source}`)
  if (collection !== undefined && typeof collection !== 'boolean') fail(`${path}.collection`, 'expected true or false')
  return {
    name,
    value: pathOf(json.path, `${path}.path`),
    collection: collection === true,
    type: typeof type === 'string' ? type.slice(type.lastIndexOf('/') + 1) : undefined,
    path,
  }
}

/** The columns of a select in the order of the specification: its own, those of nested selects, those of unionAll. */
export function columnsOf(select: Select): Column[] {
  const union = select.unionAll[0]
  return [...select.columns, ...select.selects.flatMap(columnsOf), ...(union ? columnsOf(union) : [])]
}

function checkUnion({ unionAll, path }: Select): void {
  const [first, ...others] = unionAll.map((it) => columnsOf(it).map(({ name }) => name))
  for (const [index, names] of others.entries()) {
    if (names.join() === first?.join()) continue
    fail(
      `${path}.unionAll[${index + 1}]`,
      `has the columns ${names.join(', ')}; the first branch has ${first?.join(', ')} in this order`,
    )
  }
}

function checkNames(select: Select): void {
  const seen = new Set<string>()
  for (const { name, path } of columnsOf(select)) {
    if (seen.has(name)) fail(`${path}.name`, `column ${name} is named twice`)
    seen.add(name)
  }
  checkBranches(select)
}

/**
 * Only the first branch of a unionAll counts among the columns of the view; a name twice inside of another branch is wrong, too.
 */
function checkBranches(select: Select): void {
  for (const it of select.selects) checkBranches(it)
  for (const branch of select.unionAll) {
    const names = columnsOf(branch).map(({ name }) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) fail(branch.path, `column ${twice} is named twice`)
    checkBranches(branch)
  }
}
