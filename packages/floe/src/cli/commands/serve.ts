import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { resourceTypes } from '@floe/views/fhir'
import { type FloeError, usageError } from '../../errors.ts'
import { listClients } from '../../jobs/clients.ts'
import { openControl } from '../../jobs/control.ts'
import { jwksUrlProblem } from '../../server/auth/jwks.ts'
import { isOfNobody } from '../../server/export/compartment.ts'
import { openLog } from '../../server/log.ts'
import { startServer } from '../../server/serve.ts'
import { type Issuer, type ServerSettings, usualPatience } from '../../server/settings.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { duration } from '../ui/format.ts'
import { lakeOptions } from './lake-options.ts'

const defaultPort = 8484
/** How long jobs may take to stop after the last answers, in ms. */
const tidying = 15_000

/** The server of a lake, until it is told to stop. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd, signal, streams } = context
  const lake = lakeOptions(context, 'serve')
  const { host, notice } = await hostFor(context, lake.dir)
  if (notice !== undefined) ui.warn(notice)
  const log = openLog(settings.logLevel, streams.stderr)
  const server = await startServer({
    lake,
    settings: serverSettings(context),
    host,
    port: settings.port ?? defaultPort,
    log,
  }).catch((error: unknown) => {
    throw portProblem(error, settings.port ?? defaultPort)
  })
  await using _ = server
  ui.event({ serving: server.origin, fhir: `${server.origin}/fhir`, open: settings.open === true, clients: server.clients })
  ui.say(`${server.origin}/fhir serves ${pasted(cwd, lake.dir)}${settings.open === true ? ' without authentication' : ''}`)
  if (server.clients === 0 && settings.open !== true) {
    ui.say(
      `  floe clients add --lake ${pasted(cwd, lake.dir)} --id ID --jwks public.json --scope "system/*.rs"   # nobody may call yet`,
    )
  }
  context.endsWithin(settings.drainTimeout + tidying)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  if (server.active() > 0) {
    ui.say(`stopping: what is being sent has ${duration(settings.drainTimeout)} to end; Ctrl-C again ends at once`)
  }
  await server[Symbol.asyncDispose]()
  ui.result({ stopped: true })
  ui.say('stopped; unfinished jobs go on at the next start')
  return 0
}

/** Without clients nobody is let in from elsewhere, and an open server never leaves this machine. */
async function hostFor({ settings }: CommandContext, dir: string): Promise<{ host: string; notice?: string }> {
  const { host } = settings
  if (isLoopbackHost(host)) return { host: host === 'localhost' ? '127.0.0.1' : host }
  if (settings.open === true) {
    throw usageError(
      `--open on ${host}: a server without authentication listens on this machine only`,
      'floe serve --open --host 127.0.0.1',
    )
  }
  await mkdir(dir, { recursive: true, mode: 0o700 })
  let clients = 0
  if (existsSync(join(dir, 'control.db'))) {
    using control = openControl(dir)
    clients = listClients(control).length
  }
  return clients > 0 ? { host } : { host: '127.0.0.1', notice: `no client is registered: listening on 127.0.0.1, not on ${host}` }
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function serverSettings({ settings }: CommandContext): ServerSettings {
  if (settings.tokenTtl > 300_000 || settings.tokenTtl < 1000) throw usageError('--token-ttl: between 1s and 300s')
  return {
    publicUrl: settings.publicUrl,
    open: settings.open === true,
    importAllow: settings.importAllow ?? [],
    issuer: issuerOf(settings),
    fileUrls: settings.fileUrls,
    fileUrlTtl: settings.fileUrlTtl,
    disclosures: settings.disclosures === true,
    exportTtl: settings.exportTtl,
    sharedTypes: sharedTypesOf(settings),
    tokenTtl: Math.floor(settings.tokenTtl / 1000),
    patience: usualPatience,
    drainTimeout: settings.drainTimeout,
    maxExports: settings.maxExports,
    maxExportsPerClient: settings.maxExportsPerClient,
    maxLine: settings.maxLine,
    maxImport: settings.maxImport,
  }
}

/** What belongs to somebody never goes along with somebody else. */
function sharedTypesOf({ sharedTypes = [] }: CommandContext['settings']): readonly string[] {
  for (const type of sharedTypes) {
    if (!resourceTypes.has(type)) throw usageError(`--shared-types: ${type} is no resource type of FHIR`)
    if (!isOfNobody(type))
      throw usageError(
        `--shared-types: resources of ${type} belong to patients`,
        'floe serve --shared-types Practitioner,PractitionerRole,Organization,Location,Medication',
      )
  }
  return sharedTypes
}

/** All of it, or nothing. */
function issuerOf({ issuer, issuerJwksUrl, issuerTokenUrl, issuerAudience }: CommandContext['settings']): Issuer | undefined {
  if (issuer === undefined && issuerJwksUrl === undefined && issuerTokenUrl === undefined) return undefined
  if (issuer === undefined || issuerJwksUrl === undefined || issuerTokenUrl === undefined) {
    throw usageError(
      'an issuer needs --issuer, --issuer-jwks-url and --issuer-token-url',
      'curl ISSUER/.well-known/openid-configuration   # tells issuer, jwks_uri and token_endpoint',
    )
  }
  const problem = jwksUrlProblem(issuerJwksUrl)
  if (problem !== undefined) throw usageError(`--issuer-jwks-url: the address ${problem}`)
  return { url: issuer, jwksUrl: issuerJwksUrl, tokenUrl: issuerTokenUrl, audience: issuerAudience }
}

function portProblem(error: unknown, port: number): FloeError | unknown {
  const code = (error as { code?: unknown } | undefined)?.code
  if (code === 'EADDRINUSE') return usageError(`port ${port} is taken`, 'floe serve --port 0   # takes a free one')
  if (code === 'EADDRNOTAVAIL') return usageError('--host: this machine has no such address')
  return code === 'EACCES' ? usageError(`port ${port} needs more rights`, 'floe serve --port 8484') : error
}
