import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isBlankLine, openLines } from '@floe/client/ndjson'
import { usageError } from '../errors.ts'

const named = /\.(ndjson|jsonl)(\.gz|\.zst)?$/i

/** Files as told; a folder stands for the NDJSON files in it, without logs. */
export async function ndjsonFiles(told: readonly string[], cwd: string): Promise<string[]> {
  const files: string[] = []
  for (const one of told) {
    const path = resolve(cwd, one)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) throw usageError(`${one} is not there`, 'a file or folder of NDJSON')
    if (!found.isDirectory()) {
      files.push(path)
      continue
    }
    const names = (await readdir(path)).filter((name) => named.test(name) && !/^(\.|log\b)/i.test(name)).sort()
    if (names.length === 0) throw usageError(`${one} holds no NDJSON file (*.ndjson, *.jsonl, also .gz and .zst)`)
    files.push(...names.map((name) => join(path, name)))
  }
  return files
}

/** The lines of all files that are not blank, as they are, without a carriage return at their end. */
export async function* filledLines(files: readonly string[], signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const path of files) {
    for await (const { number, bytes } of openLines(path, { maxLineBytes: 512 << 20 })) {
      if (number % 1000 === 0) signal.throwIfAborted()
      if (isBlankLine(bytes)) continue
      yield bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes
    }
  }
}
