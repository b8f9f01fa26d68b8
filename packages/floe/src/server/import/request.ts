import { resourceTypes } from '@floe/views/fhir'
import type { ServerContext } from '../context.ts'
import { badParameter, Refusal, safe } from '../refusal.ts'
import { allowedAddress } from './allow.ts'
import type { ImportInput, ImportMode } from './spec.ts'

const maxInputs = 10_000
const formats = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])
/** Ours, and those of other servers that mean the same. */
const modes: Readonly<Record<string, ImportMode>> = {
  merge: 'merge',
  IncrementalLoad: 'merge',
  append: 'append',
  ignore: 'ignore',
  overwrite: 'overwrite',
  error: 'error',
  InitialLoad: 'error',
}
const known = new Set(['inputFormat', 'inputSource', 'input', 'storageDetail', 'mode', 'saveMode'])
const knownOfInput = new Set(['url', 'type', 'resourceType', 'etag'])

interface Asked {
  readonly inputFormat?: string
  readonly mode?: string
  readonly storage: readonly (readonly [string, string | undefined])[]
  readonly inputs: readonly Readonly<Record<string, string>>[]
}

/** The inputs of a Parameters resource or a JSON manifest; throws a 400 that says where it is wrong (I-3 to I-9). */
export function readRequest(
  body: unknown,
  { settings }: Pick<ServerContext, 'settings'>,
): { readonly inputs: ImportInput[]; readonly mode: ImportMode } {
  const asked = isParameters(body) ? fromParameters(body) : fromManifest(body)
  if (asked.inputFormat !== undefined && !formats.has(asked.inputFormat)) {
    throw badParameter('inputFormat', 'Only application/fhir+ndjson is taken.')
  }
  const told = asked.mode ?? 'merge'
  const mode = Object.hasOwn(modes, told) ? modes[told] : undefined
  if (mode === undefined) throw badParameter('mode', 'A mode is merge, append, ignore, overwrite or error.')
  checkStorage(asked.storage)
  if (asked.inputs.length === 0) throw badParameter('input', 'There is no input.')
  if (asked.inputs.length > maxInputs) throw badParameter('input', `More than ${maxInputs} inputs.`)
  const seen = new Set<string>()
  const inputs = asked.inputs.map((input, index) => {
    const at = `input[${index}]`
    const { url = '', etag } = input
    const type = input.type ?? input.resourceType
    if (!URL.canParse(url)) throw badParameter(`${at}.url`, 'An input needs an absolute url.')
    const { username, password, href } = new URL(url)
    if (username !== '' || password !== '') throw badParameter(`${at}.url`, 'An address with credentials is not taken.')
    if (allowedAddress(url, settings.importAllow) === undefined) {
      throw badParameter(`${at}.url`, 'This server does not import from that address.')
    }
    if (seen.has(href)) throw badParameter(`${at}.url`, 'The same address stands there twice.')
    seen.add(href)
    if (type !== undefined && !resourceTypes.has(type)) throw badParameter(`${at}.type`, 'This is no resource type of FHIR R4.')
    if (type === undefined && (mode === 'overwrite' || mode === 'error'))
      throw badParameter(`${at}.type`, `The mode ${mode} is about types: each input needs its own.`)
    return { inputUrl: url, type, ...(etag === undefined ? {} : { etag }) }
  })
  return { inputs, mode }
}

/** Where inputs lie is told by their addresses; how they are packed by their bytes. Nothing else is taken. */
function checkStorage(details: Asked['storage']): void {
  for (const [name, value] of details) {
    const good = name === 'type' ? value === 'https' : name === 'contentEncoding' && /^(gzip|identity|plain)$/.test(value ?? '')
    if (!good) throw badParameter('storageDetail', 'Inputs are fetched by https, as gzip or as they are.')
  }
}

function refuseUnknown(names: readonly string[], set: ReadonlySet<string>): void {
  const stranger = names.find((name) => !set.has(name))
  if (stranger !== undefined) throw badParameter(safe(stranger), `The parameter ${safe(stranger)} is not supported.`)
}

interface ParametersJson {
  readonly resourceType: 'Parameters'
  readonly parameter?: unknown
}

function isParameters(body: unknown): body is ParametersJson {
  return typeof body === 'object' && body !== null && 'resourceType' in body && body.resourceType === 'Parameters'
}

function fromParameters({ parameter = [] }: ParametersJson): Asked {
  const parts = partsOf(parameter, 'Parameters.parameter')
  const value = (...names: string[]): string | undefined => parts.find(({ name }) => names.includes(name))?.value
  refuseUnknown(
    parts.map(({ name }) => name),
    known,
  )
  const inputs = parts
    .filter(({ name }) => name === 'input')
    .map(({ part }) =>
      Object.fromEntries(partsOf(part, 'input').flatMap(({ name, value: text }) => (text === undefined ? [] : [[name, text]]))),
    )
  for (const input of inputs) refuseUnknown(Object.keys(input), knownOfInput)
  const storage = parts
    .filter(({ name }) => name === 'storageDetail')
    .flatMap(({ part }) => partsOf(part, 'storageDetail').map(({ name, value: text }) => [name, text] as const))
  const [inputFormat, mode] = [value('inputFormat'), value('mode', 'saveMode')]
  return { inputs, storage, ...(inputFormat === undefined ? {} : { inputFormat }), ...(mode === undefined ? {} : { mode }) }
}

interface Part {
  readonly name: string
  readonly value: string | undefined
  readonly part: unknown
}

function partsOf(list: unknown, place: string): Part[] {
  if (!Array.isArray(list)) throw badParameter(place, 'A parameter has no parts.')
  return list.map((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('name' in one) || typeof one.name !== 'string') {
      throw badParameter(place, 'A parameter has no name.')
    }
    const value = Object.entries(one).find(([key]) => /^value[A-Z]/.test(key))?.[1] as unknown
    const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : value
    return { name: one.name, value: typeof code === 'string' ? code : undefined, part: 'part' in one ? one.part : [] }
  })
}

function fromManifest(body: unknown): Asked {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'invalid', 'The body must be a Parameters resource or an import manifest.')
  }
  const manifest = body as Readonly<Record<string, unknown>>
  refuseUnknown(Object.keys(manifest), known)
  if (!Array.isArray(manifest.input)) throw badParameter('input', 'There is no input.')
  const mode = manifest.mode ?? manifest.saveMode
  return {
    inputs: manifest.input.map((one: unknown) => {
      if (typeof one !== 'object' || one === null) throw badParameter('input', 'An input is an object.')
      refuseUnknown(Object.keys(one), knownOfInput)
      return Object.fromEntries(Object.entries(one).filter(([, value]) => typeof value === 'string')) as Record<string, string>
    }),
    storage: Object.entries(manifest.storageDetail ?? {}).map(([name, value]) => [name, String(value)]),
    ...(typeof manifest.inputFormat === 'string' ? { inputFormat: manifest.inputFormat } : {}),
    ...(typeof mode === 'string' ? { mode } : {}),
  }
}
