import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** Addresses that no request of the server goes to unless it was told to by address. */
const inner = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  inner.addSubnet(net, bits, 'ipv4')
}
/** Global unicast is 2000::/3; of that, what carries an IPv4 address inside is refused as well (6to4, Teredo, documentation). */
const outer = new BlockList()
outer.addSubnet('2000::', 3, 'ipv6')
const carriers = new BlockList()
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  carriers.addSubnet(net, bits, 'ipv6')
}

/** Whether an address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return !inner.check(address, 'ipv4')
  return version === 6 && outer.check(address, 'ipv6') && !carriers.check(address, 'ipv6')
}

/** The host of a URL as an address, or undefined for a name. Brackets of IPv6 are taken off. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) === 0 ? undefined : bare
}

export function isLoopback(url: URL): boolean {
  const address = literalAddress(url)
  return address === undefined ? url.hostname === 'localhost' : /^(127\.|::1$)/.test(address)
}

/** A request that the guard did not let out, or whose answer cannot be used; the message names no address. */
export class GuardError extends Error {
  override readonly name = 'GuardError'
}

export interface GuardedRequest {
  readonly url: URL
  /** The target was named by who runs the server, as address or `localhost`: then it is taken as it is. */
  readonly trusted: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Until the answer begins, and between any two parts of it. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Finds the addresses of a name; the system's by default. */
  readonly resolve?: Resolve
}

export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Sends a GET and gives the answer's head and body. Redirects are answers: nothing is followed here.
 *
 * Names are resolved once, by the connection itself, and what they resolve to is judged there: a name that changes its mind
 * between a check and the connection (DNS rebinding) gains nothing.
 */
export function guardedGet({
  url,
  trusted,
  headers = {},
  timeoutMs,
  signal,
  resolve: find = lookup,
}: GuardedRequest): Promise<IncomingMessage> {
  const address = literalAddress(url)
  if (!trusted && (address === undefined ? url.hostname === 'localhost' : !isPublicAddress(address))) {
    return Promise.reject(new GuardError('the address is not one of the public internet'))
  }
  if (url.username !== '' || url.password !== '') return Promise.reject(new GuardError('the address holds credentials'))
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        headers,
        timeout: timeoutMs,
        agent: false,
        ...(trusted ? {} : { lookup: publicOnly(find) }),
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    )
    request.on('timeout', () => request.destroy(new GuardError('no answer in time')))
    request.on('error', reject)
    request.end()
  })
}

const publicOnly =
  (find: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    find(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) {
        callback(error ?? new GuardError('the name has no address'), '', 4)
      } else if (!addresses.every((each) => isPublicAddress(each.address))) {
        callback(new GuardError('the name does not lead to the public internet'), '', 4)
      } else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }

/** The whole of a small answer. */
export async function smallBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  await pipeline(answer, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new GuardError('the answer is too long')
      chunks.push(chunk)
    }
  })
  return Buffer.concat(chunks)
}
