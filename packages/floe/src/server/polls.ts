import { Refusal } from './refusal.ts'

const perMinute = 100

/** More than a hundred status requests a minute for one job are refused (CONTRACT §5.3). */
export function pollLimit(now: () => number): (job: string) => void {
  const seen = new Map<string, number[]>()
  return (job) => {
    const from = now() - 60_000
    const recent = (seen.get(job) ?? []).filter((time) => time > from)
    if (seen.size > 10_000) seen.clear()
    if (recent.length >= perMinute) {
      const seconds = Math.max(1, Math.ceil(((recent[0] ?? from) - from) / 1000))
      throw new Refusal(429, 'throttled', 'The status was asked for too often.', { headers: { 'Retry-After': String(seconds) } })
    }
    seen.set(job, [...recent, now()])
  }
}
