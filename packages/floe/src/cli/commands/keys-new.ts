import { open } from 'node:fs/promises'
import { newKeys } from '@floe/client'
import { usageError } from '../../errors.ts'
import type { RunCommand } from '../command.ts'
import { pasted, pathFrom, shownPath } from '../paths.ts'

/** A new private JWKS; in a file only its owner can read it. */
export const run: RunCommand = async ({ settings, ui, cwd }) => {
  const { privateJwks, publicJwks } = await newKeys({
    alg: settings.alg,
    ...(settings.kid === undefined ? {} : { kid: settings.kid }),
  })
  const text = `${JSON.stringify(privateJwks, null, 2)}\n`
  const kid = privateJwks.keys[0]?.kid ?? ''
  if (settings.out === undefined) {
    if (ui.json) ui.result(privateJwks)
    else await ui.write(text)
    return 0
  }
  const path = pathFrom(cwd, settings.out)
  try {
    // wx: a key that is registered somewhere is never overwritten.
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(text)
    await file.sync()
    await file.close()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw usageError(
      `${shownPath(cwd, path)} is there already, and a key is never overwritten`,
      `floe keys new --out ${pasted(cwd, `${path}.new`)}`,
    )
  }
  ui.result({ file: path, alg: settings.alg, kid, public: publicJwks })
  ui.say(
    `${settings.alg} key ${kid} in ${shownPath(cwd, path)} (only you can read it). Register its public half with the server:`,
    `  floe keys public ${pasted(cwd, path)}`,
  )
  return 0
}
