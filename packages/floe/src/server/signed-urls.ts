import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Control } from '../jobs/control.ts'

const dayMs = 86_400_000

/** Makes addresses of files that are good by themselves for a time (Bulk Data: `requiresAccessToken` false). */
export interface UrlSigner {
  /** The address with limit, key and signature in its query. `expiresAt` in ms. */
  sign(url: string, expiresAt: number): string
  /** Undefined: there is no signature to hold. */
  verify(url: URL): 'good' | 'wrong' | 'expired' | undefined
}

/**
 * HMAC-SHA-256 over path, limit and key id. The key is a day old at most; older ones check what they signed until that has
 * expired, and are then thrown away, so that nobody has to plan a rotation.
 */
export function urlSigner(control: Control, { now, longestLife }: { now: () => Date; longestLife: number }): UrlSigner {
  const time = (): number => now().getTime()
  const present = (): { id: string; secret: string } => {
    const row = control.one('select id, secret from url_keys where created_at > ? order by created_at desc limit 1', [
      time() - dayMs,
    ])
    if (row !== undefined) return { id: String(row.id), secret: String(row.secret) }
    const key = { id: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('base64') }
    control.run('delete from url_keys where created_at <= ?', [time() - dayMs - longestLife])
    control.run('insert into url_keys (id, secret, created_at) values (?, ?, ?)', [key.id, key.secret, time()])
    return key
  }
  return {
    sign: (text, expiresAt) => {
      const url = new URL(text)
      const { id, secret } = present()
      const until = String(Math.floor(expiresAt / 1000))
      url.search = new URLSearchParams({ until, key: id, sig: signature(secret, url.pathname, until, id) }).toString()
      return url.href
    },
    verify: ({ pathname, searchParams }) => {
      if (!searchParams.has('sig')) return undefined
      const [until = '', id = '', sig = ''] = ['until', 'key', 'sig'].map((name) => searchParams.get(name) ?? '')
      const key = control.one('select secret from url_keys where id = ?', [id])
      if (key === undefined || !/^\d{1,12}$/.test(until)) return 'wrong'
      const wanted = Buffer.from(signature(String(key.secret), pathname, until, id))
      const given = Buffer.from(sig)
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'wrong'
      return Number(until) * 1000 > time() ? 'good' : 'expired'
    },
  }
}

/** `$` may come encoded, and is signed as it stands. */
function signature(secret: string, path: string, until: string, id: string): string {
  const text = `${path.replace(/%24/gi, '$')}\n${until}\n${id}`
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64url')
}
