import { isAbsolute, relative, resolve } from 'node:path'
import { shellWord } from './ui/format.ts'

/** A path as told, absolute; `file://` addresses are paths. */
export function pathFrom(cwd: string, told: string): string {
  const path = /^file:\/\//i.test(told) ? decodeURIComponent(new URL(told).pathname) : told
  return isAbsolute(path) ? path : resolve(cwd, path)
}

/** A path as a person would type it here: relative where that is shorter. */
export function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path)
  if (near === '') return '.'
  if (near.startsWith('..') || isAbsolute(near)) return path
  return near.startsWith('.') ? near : `./${near}`
}

/** A path ready to be pasted into a command. */
export function pasted(cwd: string, path: string): string {
  return shellWord(shownPath(cwd, path))
}
