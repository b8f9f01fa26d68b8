/** What a server that stops has still in hand. */
export interface Drain {
  /** From here on the server is not ready: kick-offs are refused, and each answer is the last of its connection. */
  begin(): void
  stopping(): boolean
  /** Requests that are being answered. */
  active(): number
  /** A request has come in; call what it gives when it is answered. */
  enter(): () => void
  /** Resolves when nothing is being answered any more, after `limit` ms at the latest. */
  idle(limit: number): Promise<void>
}

export function openDrain(): Drain {
  let stopping = false
  let active = 0
  let settled = (): void => undefined
  return {
    begin: () => {
      stopping = true
    },
    stopping: () => stopping,
    active: () => active,
    enter: () => {
      active++
      return () => {
        active--
        if (active === 0) settled()
      }
    },
    idle: (limit) =>
      new Promise((resolve) => {
        if (active === 0) return resolve()
        const timer = setTimeout(resolve, limit)
        settled = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}
