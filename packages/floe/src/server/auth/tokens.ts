import { createHash, randomBytes } from 'node:crypto'
import { findClient } from '../../jobs/clients.ts'
import type { Control } from '../../jobs/control.ts'
import { parseScopes, type Scope } from './scopes.ts'

/** Who asks, and what for. */
export interface Caller {
  readonly client: string
  readonly scopes: readonly Scope[]
  /** Groups that the caller is bound to; none: all. */
  readonly groups: readonly string[] | undefined
}

/** Everybody, on a server without authentication. */
export const anonymous: Caller = {
  client: 'anonymous',
  scopes: parseScopes('system/*.cruds'),
  groups: undefined,
}

/** Makes an access token and keeps its hash. */
export function issueToken(control: Control, token: { client: string; scope: string; expiresAt: number }): string {
  const text = randomBytes(32).toString('base64url')
  control.run('insert into tokens (hash, client, scope, expires_at) values (?, ?, ?, ?)', [
    hashOf(text),
    token.client,
    token.scope,
    token.expiresAt,
  ])
  return text
}

/** Whose token it is; undefined when it is none of ours, has expired, or its client was removed. `now` in seconds. */
export function callerOf(control: Control, token: string, now: number): Caller | undefined {
  const row = control.one('select client, scope from tokens where hash = ? and expires_at > ?', [hashOf(token), now])
  const client = row === undefined ? undefined : findClient(control, String(row.client))
  if (row === undefined || client === undefined) return undefined
  return {
    client: client.id,
    scopes: parseScopes(String(row.scope)),
    groups: client.groups.length === 0 ? undefined : client.groups,
  }
}

/** A client as it is registered now. */
export function callerOfClient(control: Control, id: string): Caller | undefined {
  const client = findClient(control, id)
  if (client === undefined) return undefined
  return { client: id, scopes: parseScopes(client.scope), groups: client.groups.length === 0 ? undefined : client.groups }
}

/** Remembers an assertion's id until it would have expired; false when it was there. */
export function firstUse(control: Control, client: string, jti: string, expiresAt: number): boolean {
  return (
    control.run('insert into assertions (client, jti, expires_at) values (?, ?, ?) on conflict do nothing', [
      client,
      jti,
      Math.ceil(expiresAt),
    ]) > 0
  )
}

/** Forgets what has expired. `now` in seconds. */
export function sweepTokens(control: Control, now: number): void {
  control.run('delete from tokens where expires_at <= ?', [now])
  control.run('delete from assertions where expires_at <= ?', [now])
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
