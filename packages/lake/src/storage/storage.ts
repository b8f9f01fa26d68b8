export interface StoredObject {
  readonly location: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * Where table metadata and data files lie. Small on purpose: a store that can make an object only when it is absent is enough.
 *
 * Locations are URIs (`file:///…`), as Iceberg metadata holds them; each adapter takes every form of its scheme that other
 * engines write. Objects are immutable: nothing is ever written twice under one name. Nobody but the caller retries.
 */
export interface Storage {
  /** The whole object; `LakeError` code `not-found` when it is not there. */
  read(location: string): Promise<Uint8Array>
  /** All objects below a folder, in no order; nothing for a folder that is not there. */
  list(folder: string): AsyncIterable<StoredObject>
  /**
   * Writes a new object, durable when this resolves; `LakeError` code `exists` when the name is taken, and then nothing changed.
   * After a crash a part of the object may lie there: its name was new, so nobody refers to it, and orphan removal takes it.
   */
  putIfAbsent(location: string, bytes: Uint8Array): Promise<void>
  /** Removes an object; no error when it is gone. */
  delete(location: string): Promise<void>
}
