import { expect, test } from 'vitest'
import type { Storage } from './storage.ts'

/** What every storage adapter does alike; `root` is a location below which nothing is yet. */
export function storageSuite(open: () => Promise<{ storage: Storage; root: string }>): void {
  const bytes = Buffer.from('first')
  const all = async (storage: Storage, folder: string) => {
    const found = await Array.fromAsync(storage.list(folder))
    return found.map(({ location, size }) => [location, size]).sort()
  }

  test('reads back what was put, folders being made on the way', async () => {
    const { storage, root } = await open()
    await storage.putIfAbsent(`${root}/a/b/one`, bytes)
    expect(Buffer.from(await storage.read(`${root}/a/b/one`)).toString()).toBe('first')
  })

  test('never writes twice under one name', async () => {
    const { storage, root } = await open()
    await storage.putIfAbsent(`${root}/one`, bytes)
    await expect(storage.putIfAbsent(`${root}/one`, Buffer.from('second'))).rejects.toMatchObject({ code: 'exists' })
    expect(Buffer.from(await storage.read(`${root}/one`)).toString()).toBe('first')
  })

  test('of many writers of one name, one wins', async () => {
    const { storage, root } = await open()
    const writers = Array.from({ length: 8 }, (_, n) => storage.putIfAbsent(`${root}/race`, Buffer.from(`writer ${n}`)))
    const won = (await Promise.allSettled(writers)).filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
  })

  test('lists below a folder only, and nothing where nothing is', async () => {
    const { storage, root } = await open()
    for (const name of ['a/one', 'a/b/two', 'ab/three']) await storage.putIfAbsent(`${root}/${name}`, bytes)
    expect(await all(storage, `${root}/a`)).toEqual([
      [`${root}/a/b/two`, 5],
      [`${root}/a/one`, 5],
    ])
    expect(await all(storage, `${root}/none`)).toEqual([])
  })

  test('a missing object is an error to read and none to delete', async () => {
    const { storage, root } = await open()
    await expect(storage.read(`${root}/none`)).rejects.toMatchObject({ code: 'not-found' })
    await storage.putIfAbsent(`${root}/one`, bytes)
    await storage.delete(`${root}/one`)
    await storage.delete(`${root}/one`)
    expect(await all(storage, root)).toEqual([])
  })
}
