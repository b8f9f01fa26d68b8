/** `38,214` */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 file`, `38,214 resources` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `48.9 MB` */
export function bytes(value: number): string {
  if (value < 1000) return `${Math.round(value)} B`
  let scaled = value
  let unit = 'B'
  for (unit of ['kB', 'MB', 'GB', 'TB']) {
    scaled /= 1000
    if (scaled < 999.5) break
  }
  return `${scaled < 9.95 ? scaled.toFixed(1) : scaled < 100 && unit !== 'kB' ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`
}

/** `322 MB/s`; empty where the time is too short to tell. */
export function rate(value: number, milliseconds: number): string {
  return milliseconds < 1 ? '' : `${bytes((value * 1000) / milliseconds)}/s`
}

/** `0.4 s`, `4 min 10 s`, `2 h 11 min`, `3 d 4 h` */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** `2026-11-21 14:02 CET`: the reader's own time, with its zone. */
export function localTime(instant: string | Date): string {
  const date = typeof instant === 'string' ? new Date(instant) : instant
  if (Number.isNaN(date.getTime())) return String(instant)
  const pad = (value: number): string => String(value).padStart(2, '0')
  const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
    .formatToParts(date)
    .find((part) => part.type === 'timeZoneName')?.value
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())} ${zone ?? ''}`.trimEnd()
}

/** `31 %` */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part * 100) / whole)} %`
}

/** `A, B and C` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A word as a shell takes it: quoted only where it must be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
