import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FloeError } from '../errors.ts'

/** The right to be the server of a lake: the operating system's lock on a file, so a killed server holds nobody up. */
export function takeServerLock(lakeDir: string): Disposable {
  const file = join(lakeDir, 'server.db')
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('begin exclusive')
  } catch (cause) {
    database.close()
    throw new FloeError('lake-busy', 'another floe serve runs on this lake', { cause, retryable: true })
  }
  return { [Symbol.dispose]: () => database.close() }
}
