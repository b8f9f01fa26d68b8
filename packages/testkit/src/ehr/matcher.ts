import type { Fault, FaultAction, FaultPlan } from './faults.ts'
import type { RequestRecord } from './types.ts'

/** Applies a fault plan to requests: counts for each fault, deterministically. */
export class FaultMatcher {
  #plan: FaultPlan = []
  readonly #counts = new Map<string, number>()

  constructor(plan: FaultPlan) {
    this.set(plan)
  }

  set(plan: FaultPlan): void {
    this.#plan = plan
    this.#counts.clear()
  }

  /** The actions for one request, in the order of the plan. */
  actions(record: RequestRecord): FaultAction[] {
    return this.#plan.flatMap((fault, index) => {
      if (!concerns(fault, record)) return []
      const key = fault.per === 'file' ? `${index} ${record.job} ${record.file}` : String(index)
      const count = (this.#counts.get(key) ?? 0) + 1
      this.#counts.set(key, count)
      if (!isDue(fault, count)) return []
      return Array.isArray(fault.do) ? (fault.do as FaultAction[]) : [fault.do as FaultAction]
    })
  }
}

function concerns(fault: Fault, record: RequestRecord): boolean {
  const routes: readonly string[] = typeof fault.on === 'string' ? [fault.on] : fault.on
  return (
    routes.includes(record.route) &&
    (fault.type === undefined || fault.type === record.type) &&
    (fault.name === undefined || fault.name === record.file) &&
    (fault.page === undefined || fault.page === record.page)
  )
}

function isDue({ nth, from = 1, to = Number.POSITIVE_INFINITY, every = 1 }: Fault, count: number): boolean {
  if (nth !== undefined) return typeof nth === 'number' ? nth === count : nth.includes(count)
  return count >= from && count <= to && (count - from) % every === 0
}
