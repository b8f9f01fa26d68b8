/** One `system/Type.permissions` scope. */
interface Scope {
  type: string
  permissions: string
}

/** Reads one scope in v1 (`.read`) or v2 (`.rs`) grammar; `null` for what this EHR does not grant. */
function parseScope(text: string): Scope | null {
  const found = /^system\/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|c?r?u?d?s?)$/.exec(text)
  if (found === null) return null
  const [, type = '', told = ''] = found
  const permissions = { read: 'rs', write: 'cud', '*': 'cruds' }[told] ?? told
  return permissions === '' ? null : { type, permissions }
}

/** The part of the scopes asked for that the client may have, each in the grammar that it was asked in. */
export function grant(asked: string, allowed: string): string[] {
  const limits = allowed.split(/\s+/).flatMap((text) => parseScope(text) ?? [])
  return asked
    .split(/\s+/)
    .filter((text) => text !== '')
    .flatMap((text) => {
      const scope = parseScope(text)
      if (scope === null) return []
      return limits.flatMap((limit) => intersect(text, scope, limit))
    })
    .filter((text, index, all) => all.indexOf(text) === index)
}

function intersect(text: string, asked: Scope, limit: Scope): string[] {
  if (asked.type !== '*' && limit.type !== '*' && asked.type !== limit.type) return []
  const type = asked.type === '*' ? limit.type : asked.type
  const permissions = [...asked.permissions].filter((permission) => limit.permissions.includes(permission)).join('')
  if (permissions === '') return []
  if (type === asked.type && permissions === asked.permissions) return [text]
  const v1 = { rs: 'read', cud: 'write', cruds: '*' }[permissions]
  return [`system/${type}.${/\.(read|write|\*)$/.test(text) && v1 !== undefined ? v1 : permissions}`]
}

/** Whether the scopes allow all resources of a type to be read, as an export does. */
export function mayRead(scopes: readonly string[], type: string): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text)
    return scope !== null && (scope.type === '*' || scope.type === type) && /r.*s/.test(scope.permissions)
  })
}
