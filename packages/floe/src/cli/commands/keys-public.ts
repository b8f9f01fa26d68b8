import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Jwks, publicJwks } from '@floe/client'
import { usageError } from '../../errors.ts'
import type { RunCommand } from '../command.ts'
import { pathFrom, shownPath } from '../paths.ts'

/** The public half of a JWKS, JWK or PEM file, as JWKS. */
export const run: RunCommand = async ({ args, ui, cwd }) => {
  const path = pathFrom(cwd, args[0] ?? '')
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`${shownPath(cwd, path)} cannot be read (${cause.code})`, 'floe keys public key.json')
  })
  const keys = publicKeys(text)
  if (keys === undefined || keys.keys.length === 0) {
    throw usageError(`${shownPath(cwd, path)} holds no key`, 'floe keys new --out key.json', [
      'A JWKS, a JWK or a PEM file is taken.',
    ])
  }
  if (ui.json) ui.result(keys)
  else await ui.write(`${JSON.stringify(keys, null, 2)}\n`)
  return 0
}

function publicKeys(text: string): Jwks | undefined {
  try {
    if (text.includes('-----BEGIN')) return publicJwks(createPublicKey(text).export({ format: 'jwk' }) as Jwks['keys'][number])
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? publicJwks(parsed as Jwks) : undefined
  } catch {
    return undefined
  }
}
