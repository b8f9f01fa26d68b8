/**
 * Peers: tools of others, installed from their registry below bench/.data/peers, or taken from where the user says. None of their
 * code is kept here.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { dataDir } from './data.ts'
import { type Cost, measure } from './measure.ts'
import type { Other } from './report.ts'

/** A tool that can be run, or why it cannot. */
export interface Peer {
  readonly name: string
  readonly version: string
  /** The program and its first arguments. */
  readonly command: readonly string[]
  /** Why it is not run. */
  readonly absent?: string
  /** What was seen of it: what it leaves out, what it lost. */
  readonly remarks: string[]
}

const folder = join(dataDir, 'peers')

/** `FLOE_PEER_NAME` holds a whole command, words apart by spaces. */
function given(name: string): readonly string[] | undefined {
  const text = process.env[variable(name)]
  return text === undefined || text === '' ? undefined : text.split(' ').filter(Boolean)
}

const variable = (name: string): string => `FLOE_PEER_${name.toUpperCase().replaceAll('-', '_')}`

/** A Python program of its own virtual environment, made once. */
function fromPypi(name: string, version: string, program: string): Peer {
  const command = given(name)
  if (command !== undefined) return { name, version: 'of the user', command, remarks: [] }
  const dir = join(folder, `${name}-${version}`)
  const path = join(dir, 'bin', program)
  if (!existsSync(path)) {
    process.stderr.write(`installing ${name} ${version} from PyPI\n`)
    mkdirSync(folder, { recursive: true })
    // uv resolves in seconds what pip takes an hour for.
    const steps = [
      ['python3', '-m', 'venv', dir],
      [join(dir, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', 'uv'],
      [join(dir, 'bin/uv'), 'pip', 'install', '--quiet', '--python', join(dir, 'bin/python3'), `${name}==${version}`],
    ]
    for (const [head = '', ...rest] of steps) {
      if (spawnSync(head, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0) continue
      rmSync(dir, { recursive: true, force: true })
      return absent(name, version, `could not be installed; ${variable(name)} may name a command`)
    }
  }
  return { name, version, command: [path], remarks: [] }
}

/** A tool that no registry has: only the user's own copy is run. */
function fromUser(name: string): Peer {
  const command = given(name)
  if (command === undefined) return absent(name, '', `in no registry; ${variable(name)} names the command of a checkout`)
  return { name, version: 'of the user', command, remarks: [] }
}

const absent = (name: string, version: string, why: string): Peer => ({ name, version, command: [], absent: why, remarks: [] })

/** SMART's Python client. */
export function smartFetch(): Peer {
  return fromPypi('smart-fetch', '1.0.3', 'smart-fetch')
}

/** SMART's JavaScript client: `FLOE_PEER_BULK_DATA_CLIENT='/path/to/node18 /path/to/bulk-data-client/built/app.js'`. */
export function bulkDataClient(): Peer {
  return fromUser('bulk-data-client')
}

/** Cumulus ETL: NDJSON to Delta Lake. */
export function cumulusEtl(): Peer {
  return fromPypi('cumulus-etl', '4.3.6', 'cumulus-etl')
}

/** One run of a peer with these arguments; an exit code other than 0 is a failure. */
export async function peerRun(
  peer: Peer,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Cost> {
  return await measure([...peer.command, ...args], options)
}

/** What a peer's runs cost, in as many rounds; a peer that is absent or fails gives none, and says why. */
export async function besidePeer(peer: Peer, runs: number, run: () => Promise<Cost>): Promise<Other> {
  const name = `${peer.name} ${peer.version}`.trim()
  if (peer.absent !== undefined) return { name, kind: 'peer', costs: [], note: peer.absent }
  const costs: Cost[] = []
  try {
    for (let round = 0; round < runs; round++) costs.push(await run())
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return { name, kind: 'peer', costs: [], note: 'failed on this machine' }
  }
  return { name, kind: 'peer', costs, ...(peer.remarks.length === 0 ? {} : { note: peer.remarks.join('; ') }) }
}

/** A peer that is known and not run here. */
export function notRun(name: string, why: string): Other {
  return { name, kind: 'peer', costs: [], note: why }
}
