import { lineText, openDecompressed, splitLines } from '../ndjson.ts'
import type { Compression } from '../types.ts'

/**
 * Header lines of organised output (`organizeOutputBy`): Parameters resources that say whose block follows and are no data.
 *
 * The specification leaves open whether the manifest's `count` includes them, so a count that holds without them is right, too.
 */
export async function countHeaderLines(path: string, compression: Compression): Promise<number> {
  let headers = 0
  for await (const { bytes } of splitLines(openDecompressed(path, compression))) {
    if (bytes.includes('"Parameters"') && isHeader(lineText(bytes))) headers += 1
  }
  return headers
}

function isHeader(text: string): boolean {
  try {
    return (JSON.parse(text) as { resourceType?: unknown } | null)?.resourceType === 'Parameters'
  } catch {
    return false
  }
}
