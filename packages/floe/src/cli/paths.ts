import { isAbsolute, relative, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { shellWord } from './ui/format.ts'

/** A path as told, absolute; `file://` addresses are paths, others name no folder of this machine. */
export function pathFrom(cwd: string, told: string): string {
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(told)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'file')
    throw usageError(`${scheme}:// is no place that floe can write to or read from: it takes a path`, './export')
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
