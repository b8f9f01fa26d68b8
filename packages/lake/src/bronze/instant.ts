/** ISO 8601 with offset; a time without one is taken as UTC. Null when it is no time. */
export function instant(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.test(text)) return null
  const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : text.includes('T') ? `${text}Z` : `${text}T00:00:00Z`
  return Number.isNaN(Date.parse(zoned)) ? null : zoned
}
