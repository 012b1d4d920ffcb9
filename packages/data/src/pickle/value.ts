import { DataError } from '../errors.js'

/**
 * What a pickle may hold. Python's None is null; bool, int and float are boolean, number (bigint beyond 2^53) and
 * number; str is string; bytes, bytearray and Python 2's str are Buffers (views of the file where they can be); list
 * and tuple are arrays, and dict is a Map. Whatever else there is was made by a `Global`.
 */
export type PickleValue = unknown

/** A name in a pickle that stands for a function or a class, and what calling it makes. */
export class Global {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** A value whose content follows its making (Python's `__setstate__`). */
export abstract class Buildable {
  abstract build(state: PickleValue): void
}

/** The names that a reader knows, as `module.name`. */
export type Globals = ReadonlyMap<string, Global>

export const globals = (...list: readonly Global[]): Globals =>
  new Map(list.map((one) => [one.name, one]))

/** Thrown by what a `Global` makes; the reader adds the file's name and the place. */
export class Malformed extends Error {}

export const pickleError = (name: string, why: string) =>
  new DataError(
    'DATA_PICKLE',
    `${name} is no pickle that can be read: ${why}. Copy or write the file again.`,
  )

/** Text that Python 3 wrote as str and Python 2 as bytes. */
export function textOf(value: PickleValue): string {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  throw new Malformed('a text is missing')
}

/** Whole numbers from 0. */
export function naturals(value: PickleValue): number[] {
  if (Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && x >= 0))
    return value as number[]
  throw new Malformed('whole numbers are missing')
}
