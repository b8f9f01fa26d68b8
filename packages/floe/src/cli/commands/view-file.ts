import { readFile } from 'node:fs/promises'
import { usageError } from '../../errors.ts'
import { pathFrom } from '../paths.ts'

/** A ViewDefinition file as data; what cannot be read or is no JSON is a usage error. */
export async function readView(cwd: string, told: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(pathFrom(cwd, told), 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw usageError(`the view ${told} ${why}`, 'a file with a ViewDefinition as JSON')
  }
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (cause) {
    throw usageError(`${told} is not valid JSON`, undefined, [(cause as Error).message])
  }
}
