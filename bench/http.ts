import { get, type IncomingMessage } from 'node:http'

/** Fetches an address and lets its bytes go as they come; tells how many there were. */
export async function discard(url: string): Promise<number> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'identity' } }, resolve).once('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`a file was answered with ${answer.statusCode}`)
  let bytes = 0
  for await (const chunk of answer) bytes += (chunk as Buffer).length
  return bytes
}
