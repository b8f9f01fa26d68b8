/**
 * A ViewDefinition runner for tests only, as plain as the algorithm in the specification, over npm `fhirpath` (LHC's engine) per
 * resource. It shares no code with floe's parser, compiler or evaluator. Where `fhirpath` cannot say what SQL on FHIR asks for,
 * it is corrected, and the correction has a name here.
 */
import { createRequire } from 'node:module'
import fhirpath from 'fhirpath'

/** What is not left to npm `fhirpath`, and why. */
export const corrections: Readonly<Record<string, string>> = {
  getResourceKey: 'SQL on FHIR, functions: not part of FHIRPath. The key is the id.',
  getReferenceKey:
    'SQL on FHIR, functions: not part of FHIRPath. The id of a literal reference, relative or absolute, with or without version; of another type than asked for: empty.',
  conditionalReference:
    'Bulk Data leaves `Type?identifier=system|value` in place: it is the key of the one resource of the data that has this identifier, else empty.',
  rowIndex:
    'SQL on FHIR, %rowIndex: the variable is set for each item of the nearest forEach, forEachOrNull or repeat; 0 at the top.',
  resource: 'FHIRPath, %resource: set to the resource also below forEach, where the engine is given a part of it.',
}

interface Column {
  readonly name: string
  readonly path: string
  readonly collection?: boolean
}

interface Select {
  readonly column?: readonly Column[]
  readonly select?: readonly Select[]
  readonly unionAll?: readonly Select[]
  readonly forEach?: string
  readonly forEachOrNull?: string
  readonly repeat?: readonly string[]
}

interface View {
  readonly resource: string
  readonly where?: readonly { readonly path: string }[]
  readonly select: readonly Select[]
}

type Row = Record<string, unknown>
type Resource = Readonly<Record<string, unknown>> & { readonly resourceType: string; readonly id?: string }
type Evaluate = (input: unknown, variables: Record<string, unknown>) => unknown[]

const r4 = createRequire(import.meta.url)('fhirpath/fhir-context/r4') as fhirpath.Model

/** The keys that conditional references lead to: `Type?identifier=system|value`; undefined where several resources have it. */
export function keysByIdentifier(resources: Iterable<Resource>): Map<string, string | undefined> {
  const keys = new Map<string, string | undefined>()
  for (const { resourceType, id, identifier } of resources) {
    const list = (Array.isArray(identifier) ? identifier : [identifier ?? {}]) as { system?: string; value?: string }[]
    for (const { system, value } of list) {
      if (value === undefined || id === undefined) continue
      for (const text of [value, `${system ?? ''}|${value}`]) {
        const key = `${resourceType}?identifier=${text}`
        keys.set(key, keys.has(key) && keys.get(key) !== id ? undefined : id)
      }
    }
  }
  return keys
}

function referenceKey(reference: unknown, type: string | undefined, keys: ReadonlyMap<string, string | undefined>): string[] {
  const text = (reference as { reference?: unknown } | null)?.reference
  if (typeof text !== 'string') return []
  const literal = /^(?:https?:\/\/[^?#]+\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(
    text,
  )
  if (literal?.[2] !== undefined) return type === undefined || literal[1] === type ? [literal[2]] : []
  const [conditional, wanted] = /(?:^|\/)(([A-Z][A-Za-z]+)\?identifier=.+)$/.exec(text)?.slice(1) ?? []
  const key = type === undefined || wanted === type ? keys.get(decodeURIComponent(conditional ?? '')) : undefined
  return key === undefined ? [] : [key]
}

/**
 * Makes a view ready to run on one resource after the other. `parseEachTime` parses every path anew for every resource, as the
 * reference implementation of SQL on FHIR (sof-js) does: for benchmarks.
 */
export function oracle(
  view: View,
  keys: ReadonlyMap<string, string | undefined>,
  { parseEachTime = false }: { readonly parseEachTime?: boolean } = {},
): (resource: Resource) => Row[] {
  const data = (node: unknown): unknown => (node as { data?: unknown } | null)?.data ?? node
  const userInvocationTable = {
    getResourceKey: { fn: (inputs: unknown[]) => inputs.map((input) => (data(input) as Resource).id), arity: { 0: [] } },
    getReferenceKey: {
      fn: (inputs: unknown[], type?: { name: string }) => inputs.flatMap((input) => referenceKey(data(input), type?.name, keys)),
      arity: { 0: [], 1: ['TypeSpecifier'] },
    },
  }
  const compiled = new Map<string, Evaluate>()
  const evaluate = (path: string, input: unknown, variables: Record<string, unknown>): unknown[] => {
    const known = compiled.get(path) ?? (fhirpath.compile(path, r4, { userInvocationTable } as never) as unknown as Evaluate)
    if (!parseEachTime) compiled.set(path, known)
    return known(input, variables)
  }
  const descend = (paths: readonly string[], node: unknown, variables: Record<string, unknown>): unknown[] =>
    paths.flatMap((path) => evaluate(path, node, variables).flatMap((child) => [child, ...descend(paths, child, variables)]))
  const items = (select: Select, node: unknown, variables: Record<string, unknown>): { list: unknown[]; counted: boolean } => {
    if (select.repeat) return { list: node === null ? [] : descend(select.repeat, node, variables), counted: true }
    const path = select.forEach ?? select.forEachOrNull
    if (path === undefined) return { list: [node], counted: false }
    const list = node === null ? [] : evaluate(path, node, variables)
    return { list: list.length === 0 && select.forEachOrNull !== undefined ? [null] : list, counted: true }
  }
  const column = ({ name, path, collection }: Column, node: unknown, variables: Record<string, unknown>): Row => {
    const values = node === null && !path.includes('%') ? [] : evaluate(path, node ?? {}, variables)
    if (collection) return { [name]: values }
    if (values.length > 1) throw new Error(`${name}: several values`)
    return { [name]: values[0] ?? null }
  }
  const rows = (select: Select, node: unknown, variables: Record<string, unknown>): Row[] => {
    const { list, counted } = items(select, node, variables)
    return list.flatMap((item, index) => {
      const inner = counted ? { ...variables, rowIndex: index } : variables
      const own = Object.assign({}, ...(select.column ?? []).map((each) => column(each, item, inner))) as Row
      const factors = (select.select ?? []).map((each) => rows(each, item, inner))
      if (select.unionAll) factors.push(select.unionAll.flatMap((each) => rows(each, item, inner)))
      return factors.reduce<Row[]>((left, right) => left.flatMap((a) => right.map((b) => ({ ...a, ...b }))), [own])
    })
  }
  return (resource) => {
    if (resource.resourceType !== view.resource) return []
    const variables = { rowIndex: 0, resource }
    const holds = (view.where ?? []).every(({ path }) => evaluate(path, resource, variables)[0] === true)
    return holds ? rows({ select: view.select }, resource, variables) : []
  }
}
