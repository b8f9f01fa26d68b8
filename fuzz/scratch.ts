import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for the files that targets need; every worker has one of its own, and it goes with the worker. */
export const scratch: string = mkdtempSync(join(tmpdir(), 'floe-fuzz-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
