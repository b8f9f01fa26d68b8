import type { Material } from './mutate.ts'

/** A parser of bytes that others sent. */
export interface Target extends Material {
  /**
   * Reads one input and throws where a promise is broken: an error that is none of floe's own, an answer that contradicts another
   * reader's. Errors that the parser may throw are caught here.
   */
  run(input: Buffer): void | Promise<void>
}

/** What a target found: the parser does not keep its promise for this input. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

/** Runs a parser that may fail only as `own` allows; undefined when it did. */
export function failing<Result>(own: (error: unknown) => boolean, parse: () => Result): Result | undefined {
  try {
    return parse()
  } catch (error) {
    if (own(error)) return undefined
    throw error
  }
}

/** `failing`, of what is awaited. */
export async function failingLater<Result>(
  own: (error: unknown) => boolean,
  parse: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await parse()
  } catch (error) {
    if (own(error)) return undefined
    throw error
  }
}

/** Whether an error is an instance of one of these classes. */
export const only =
  (...classes: readonly (abstract new (...args: never[]) => unknown)[]) =>
  (error: unknown): boolean =>
    classes.some((each) => error instanceof each)

/** Texts as seeds. */
export const texts = (...list: readonly (string | object)[]): Buffer[] =>
  list.map((each) => Buffer.from(typeof each === 'string' ? each : JSON.stringify(each)))
