#!/usr/bin/env node
// Committed, plain JavaScript: npm links a bin only when the file is there before the build.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `floe: needs Node 24 or newer, this is ${process.version}\n` +
      '  Try: npx floe … inside a project that has the npm package "node" (24) installed, or install Node 24.\n',
  )
  process.exit(2)
}
const { enableCompileCache } = await import('node:module')
enableCompileCache?.()
await import('../dist/cli/main.js')
