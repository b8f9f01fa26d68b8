import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Jwks, publicJwks } from '@floe/client'
import { openLake, searchParameters } from '@floe/lake'
import { usageError } from '../../errors.ts'
import { type Client, putClient } from '../../jobs/clients.ts'
import { openControl } from '../../jobs/control.ts'
import { jwksUrlProblem } from '../../server/auth/jwks.ts'
import { parseScopes } from '../../server/auth/scopes.ts'
import { anonymous } from '../../server/auth/tokens.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { needed } from '../needed.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'
import { lakeOptions } from './lake-options.ts'

/** Registers a client, or replaces the one of that id. */
export const run: RunCommand = async (context) => {
  const { ui, settings } = context
  const id = needed(context, 'id', 'clients add', 'floe clients add … --id research')
  if (!/^[\x21-\x7e]{1,255}$/.test(id) || id === anonymous.client)
    throw usageError('--id: a client id is 1 to 255 characters without blanks')
  const scope = scopeOf(needed(context, 'scope', 'clients add', 'floe clients add … --scope "system/*.rs"'))
  const groups = settings.group ?? []
  if (groups.some((group) => !/^[A-Za-z0-9.-]{1,64}$/.test(group)))
    throw usageError('--group: an id of a Group is letters, digits, dots and dashes')
  const keys = await keysOf(context)
  const options = lakeOptions(context, 'clients add')
  await (await openLake({ ...options, create: true })).close()
  using control = openControl(options.dir)
  const client: Client = { id, scope, groups, createdAt: new Date().toISOString(), ...keys }
  putClient(control, client)
  ui.result({ client: clientObject(client) })
  const bound = groups.length === 0 ? '' : `, Groups ${groups.join(', ')} only`
  ui.say(
    `${id} may ask for: ${scope}${bound}`,
    `  floe serve --lake ${pasted(context.cwd, options.dir)}   # a running server knows it already`,
  )
  return 0
}

/** A client as `--json` prints it; whether by value or by address, its keys are public. */
export function clientObject({ id, scope, groups, jwks, jwksUrl, external, createdAt }: Client): object {
  if (external === true) return { id, scope, groups, external, createdAt }
  const keys = jwksUrl === undefined ? { keys: jwks?.keys.map(({ kid }) => kid ?? null) ?? [] } : { jwksUrl }
  return { id, scope, groups, ...keys, createdAt }
}

function scopeOf(text: string): string {
  // A comma may stand within a search: code=1,2
  const words = text.trim().split(/\s+|,\s*(?=system\/)/)
  const wrong = words.filter((word) => parseScopes(word).length === 0)
  if (wrong.length > 0) {
    throw usageError(`--scope: ${wrong.join(', ')} is none that this server grants`, 'floe clients add … --scope "system/*.rs"', [
      'A scope is system/TYPE.PERMISSIONS: system/*.rs, system/Patient.read, system/Observation.rs?category=laboratory',
    ])
  }
  for (const { type, query } of words.flatMap(parseScopes)) {
    const known = new Set(searchParameters(type).map(({ name }) => name))
    const strange = [...new URLSearchParams(query ?? '').keys()].find((name) => type !== '*' && !known.has(name))
    if (strange !== undefined) {
      throw usageError(`--scope: ${type} cannot be narrowed by ${strange}`, undefined, [`It can be by ${[...known].join(', ')}.`])
    }
  }
  return words.join(' ')
}

async function keysOf({ settings, cwd }: CommandContext): Promise<Pick<Client, 'jwks' | 'jwksUrl' | 'external'>> {
  const { jwks: file, jwksUrl, external } = settings
  if ([file !== undefined, jwksUrl !== undefined, external === true].filter(Boolean).length !== 1) {
    throw usageError('give one of --jwks FILE, --jwks-url URL and --external', 'floe keys public KEY.json > public.json')
  }
  if (external === true) return { external }
  if (jwksUrl !== undefined) {
    const problem = jwksUrlProblem(jwksUrl)
    if (problem !== undefined) throw usageError(`--jwks-url: the address ${problem}`)
    return { jwksUrl }
  }
  const path = pathFrom(cwd, file ?? '')
  const shown = shownPath(cwd, path)
  if (!existsSync(path)) throw usageError(`--jwks: ${shown} is not there`)
  let keys: Jwks['keys']
  try {
    // Whatever the file holds, only the public half is kept.
    keys = publicJwks(JSON.parse(await readFile(path, 'utf8')) as Jwks).keys
  } catch {
    throw usageError(`--jwks: ${shown} is no JWKS`, 'floe keys public KEY.json > public.json')
  }
  const usable = keys.filter(
    (key) => typeof key.kid === 'string' && (key.kty === 'RSA' || (key.kty === 'EC' && key.crv === 'P-384')),
  )
  if (usable.length === 0) {
    throw usageError(`--jwks: ${shown} holds no key that can be used`, 'floe keys new --alg ES384 --out key.json', [
      'A key is RSA (RS384) or EC P-384 (ES384) and has a kid.',
    ])
  }
  return { jwks: { keys: keys as unknown as readonly Record<string, unknown>[] } }
}
