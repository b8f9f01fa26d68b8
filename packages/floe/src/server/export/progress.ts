/** How far running jobs are; of a job taken up again the finished units tell until the first new line. */
const fractions = new Map<string, { readonly fraction: number; readonly since: number }>()

/** Progress never goes back. */
export function noteProgress(job: string, fraction: number): void {
  const known = fractions.get(job)
  if (known === undefined) fractions.set(job, { fraction, since: Date.now() })
  else if (fraction > known.fraction) fractions.set(job, { ...known, fraction })
}

export function endProgress(job: string): void {
  fractions.delete(job)
}

/** Between 0 and 1, and since when it is known. */
export function progressOf(job: string): { readonly fraction: number; readonly since: number } | undefined {
  return fractions.get(job)
}
