const form = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i

/**
 * ISO 8601 with seconds and offset, as every engine takes it; a time without offset is taken as UTC. Null when it is no time:
 * what passes here stands in SQL, where a 30th of February would stop a load.
 */
export function instant(text: string): string | null {
  const [, day, minute = '00:00', second = ':00', zone = 'Z'] = form.exec(text) ?? []
  if (day === undefined) return null
  const date = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return null
  const zoned = `${day}T${minute}${second}${zone.toUpperCase()}`
  return Number.isNaN(Date.parse(zoned)) ? null : zoned
}
