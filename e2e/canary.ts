import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signatureMark, tokenMark } from '@floe/testkit'

/** What the mock EHR and the made folders hold and no log, error, event or message may show: by name, the text to look for. */
export const canaries: Readonly<Record<string, RegExp>> = {
  'access token': new RegExp(tokenMark),
  'signature of a signed URL': new RegExp(signatureMark),
  'status URL': /bulk-status\/[0-9a-f]{32}/,
  'id of a job at the server': /\b[0-9a-f]{32}\b/,
  'id of a resource': /\b(patient|observation|condition)-0\d{5}\b/,
  'text of a resource': /Grüße/,
  'planted secret': /planted/,
}

/** The names of the canaries that stand in a text. */
export function found(text: string): string[] {
  return Object.entries(canaries).flatMap(([name, pattern]) => (pattern.test(text) ? [name] : []))
}

/** The log of an export folder, where there is one. */
export async function logText(folder: string): Promise<string> {
  return readFile(join(folder, 'log.ndjson'), 'utf8').catch(() => '')
}
