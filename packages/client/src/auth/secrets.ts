import { readFile } from 'node:fs/promises'
import { BulkError } from '../errors.ts'

/**
 * Reads the secret that a reference names: `env:NAME` or `file:PATH` (surrounding white space is dropped).
 *
 * Anything else is refused without being echoed: a literal secret would end up in shell histories and state files.
 */
export async function resolveSecret(
  reference: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (reference.startsWith('env:')) {
    const name = reference.slice('env:'.length)
    const value = env[name]?.trim()
    if (value) return value
    throw new BulkError({
      code: 'usage',
      message: `the environment variable ${name} is not set`,
      hint: `Set ${name} to the secret.`,
    })
  }
  if (reference.startsWith('file:')) {
    const path = reference.slice('file:'.length)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code
      throw new BulkError({ code: 'usage', message: `cannot read the secret file ${path} (${reason})`, cause })
    }
    if (text.trim() !== '') return text.trim()
    throw new BulkError({ code: 'usage', message: `the secret file ${path} is empty` })
  }
  throw new BulkError({ code: 'usage', message: 'a secret is given as a reference: env:NAME or file:PATH' })
}

/** Whether a text is a reference of a secret rather than a secret. */
export function isSecretReference(text: string): boolean {
  return text.startsWith('env:') || text.startsWith('file:')
}
