#!/usr/bin/env node
// Committed, plain JavaScript that any Node reads: npm links a bin only when the file is there before the build.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldest = 24

/** The Node that the npm package "node" brought, where a project pins it. */
function pinnedNode() {
  try {
    const manifest = module.createRequire(import.meta.url).resolve('node/package.json')
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return undefined
  }
}

function tooOld() {
  process.stderr.write(
    `floe: needs Node ${oldest} or newer, this is ${process.version}\n` +
      '  Try: npm install --save-dev node@24   # in your project; or install Node 24\n',
  )
  process.exit(2)
}

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  module.enableCompileCache?.()
  await import('../dist/cli/main.js')
} else {
  const node = process.env.FLOE_NODE_TRIED === undefined ? pinnedNode() : undefined
  if (node === undefined) tooOld()
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, FLOE_NODE_TRIED: '1' },
  })
  // Ctrl-C reaches the child from the terminal itself; a second signal would end it at once.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', tooOld)
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)))
}
