/**
 * Packs every package, installs the tarballs into an empty project as a user would, imports each and runs the command.
 * Holds as well that `@floe/client` with its dependencies stays small and brings no native code.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './sources.ts'

const clientLimit = 5_000_000
const packages = ['client', 'views', 'lake', 'testkit', 'floe']
const work = mkdtempSync(join(tmpdir(), 'floe-pack-'))
const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}` }
const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

function emptyProject(name: string, ...install: string[]): string {
  const folder = join(work, name)
  execFileSync('mkdir', ['-p', folder])
  writeFileSync(join(folder, 'package.json'), '{"name":"canary","private":true,"type":"module"}')
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...install)
  return folder
}

function treeOf(folder: string): { bytes: number; native: string[] } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  return {
    bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
    native: paths.filter((path) => path.endsWith('.node') || path.endsWith('.so')),
  }
}

try {
  const tarballs = packages.map((name) => {
    const [packed] = JSON.parse(run(join(root, 'packages', name), 'npm', 'pack', '--json', '--pack-destination', work)) as {
      filename: string
    }[]
    return join(work, packed?.filename ?? '')
  })

  const light = emptyProject('client-only', tarballs[0] ?? '')
  run(light, 'node', '--input-type=module', '-e', "await import('@floe/client')")
  const { bytes, native } = treeOf(join(light, 'node_modules'))
  if (bytes > clientLimit) throw new Error(`@floe/client installs ${bytes} bytes, more than ${clientLimit}`)
  if (native.length > 0) throw new Error(`@floe/client brings native code: ${native.join(', ')}`)

  const whole = emptyProject('whole', ...tarballs)
  for (const name of [
    '@floe/client',
    '@floe/client/ndjson',
    '@floe/client/export-folder',
    '@floe/views',
    '@floe/lake',
    '@floe/testkit',
    'floe',
  ]) {
    run(whole, 'node', '--input-type=module', '-e', `await import('${name}')`)
  }
  const version = run(whole, join(whole, 'node_modules/.bin/floe'), '--version').trim()
  process.stdout.write(`@floe/client with dependencies: ${(bytes / 1e6).toFixed(2)} MB, no native code\n`)
  process.stdout.write(`${packages.length} packages install and import from their tarballs; floe --version: ${version}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
