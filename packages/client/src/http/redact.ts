/** Removes what must not be shown from texts of the server: known secrets, addresses, tokens, control characters. */
export class Redactor {
  readonly #secrets = new Set<string>()

  /** A text that is replaced wherever it appears. Short ones are left alone: they would hide ordinary words. */
  add(secret: string | null | undefined): void {
    if (secret && secret.length >= 8) this.#secrets.add(secret)
  }

  /** Replaces the known secrets only. */
  mask(text: string): string {
    let masked = text
    for (const secret of this.#secrets) masked = masked.replaceAll(secret, '[removed]')
    return masked
  }

  /** One line of at most 300 characters, safe for a terminal and a log; null for nothing and for HTML. */
  clean(text: string | null | undefined): string | null {
    if (typeof text !== 'string' || /^\s*(\ufeff)?<(!doctype|html|head|body|\?xml)/i.test(text)) return null
    // Nor what is no text at all.
    if ((text.match(/\ufffd/g)?.length ?? 0) > text.length / 10) return null
    const line = this.mask(text)
      .replaceAll(/https?:\/\/[^\s"'<>]+/gi, shortUrl)
      .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [removed]')
      .replaceAll(/\beyJ[\w-]{8,}(\.[\w-]*){0,4}/g, '[removed]')
      .replaceAll(
        /([\w-]*(?:token|signature|\bsig|secret|password|assertion)|x-amz-[\w-]+)(["']?\s*[:=]\s*["']?)[^\s&"',]{4,}/gi,
        '$1$2[removed]',
      )
      .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
    if (line === '') return null
    return line.length > 300 ? `${line.slice(0, 299)}…` : line
  }

  /** A file's address for the log: no user information, query or fragment, no part of the status URL. */
  fileUrl(url: string): string {
    if (!URL.canParse(url)) return '[not a URL]'
    const { protocol, host, pathname } = new URL(url)
    return protocol === 'data:' ? 'data:' : this.mask(`${protocol}//${host}${pathname}`)
  }
}

function shortUrl(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : '[address]'
}
