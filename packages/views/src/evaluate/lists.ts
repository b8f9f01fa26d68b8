type List = readonly unknown[]

export const isThere = (value: unknown): boolean => value !== null && value !== undefined
export const asList = (value: unknown): List => (Array.isArray(value) ? value : isThere(value) ? [value] : [])
/** Numbers that keep their digits are objects; here only their value counts. */
export const plain = (value: unknown): unknown => (value instanceof Number ? value.valueOf() : value)

/** Text that is equal exactly when two values are, whatever the order of the keys. */
export function identity(value: unknown): unknown {
  const it = plain(value)
  return typeof it === 'object' && it !== null ? JSON.stringify(canonical(it)) : it
}

function canonical(value: unknown): unknown {
  const it = plain(value)
  if (Array.isArray(it)) return it.map(canonical)
  if (typeof it !== 'object' || it === null) return it
  return Object.fromEntries(
    Object.entries(it)
      .filter(([, field]) => isThere(field))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, canonical(field)]),
  )
}

export const same = (left: unknown, right: unknown): boolean => identity(left) === identity(right)

export function distinct(list: List): List {
  const seen = new Set<unknown>()
  return list.filter((it) => {
    const key = identity(it)
    return !seen.has(key) && seen.add(key)
  })
}

export function listEquals(left: List, right: List): boolean | null {
  if (!left.length || !right.length) return null
  return left.length === right.length && left.every((it, index) => same(it, right[index]))
}
