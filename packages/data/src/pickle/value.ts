import { DataError } from '../errors.js'

/**
 * What a pickle may hold. Python's None is null; bool, int and float are boolean, number (bigint beyond 2^53) and
 * number; str is string; bytes, bytearray and Python 2's str are Buffers (views of the file where they can be); list
 * and tuple are arrays, and dict is a Map. Whatever else there is was made by a `Global`.
 */
export type PickleValue = unknown

/** What calls may still make: each says what it is about to, so that one value called a million times stays small. */
export interface Budget {
  /** Bytes of copies. @throws Malformed where all calls together make more than the pickle has */
  bytes(count: number): void
  /** Elements of lists and dicts. @throws Malformed beyond what one pickle may make */
  elements(count: number): void
}

/** A name in a pickle that stands for a function or a class, and what calling it makes. */
export class Global {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[], budget: Budget) => PickleValue,
  ) {}
}

/** A value whose content follows its making (Python's `__setstate__`). */
export abstract class Buildable {
  abstract build(state: PickleValue, budget: Budget): void
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

/** Characters of a name or a key that a reader looks at. */
const LONGEST_NAME = 1000

/** A name or a key, which Python 3 wrote as str and Python 2 as bytes. */
export function textOf(value: PickleValue): string {
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) throw new Malformed('a text is missing')
  if (value.length > LONGEST_NAME) throw new Malformed(`a name has ${value.length} characters`)
  return typeof value === 'string' ? value : value.toString('latin1')
}

/** A key of a dict: text, None, or a number, of which those beyond 2^53 are none of data and slow to tell apart. */
export function keyOf(value: PickleValue, budget: Budget): PickleValue {
  if (typeof value === 'bigint' || (value instanceof Object && !Buffer.isBuffer(value)))
    throw new Malformed('the key of a dict is no text or number')
  if (!Buffer.isBuffer(value)) return value
  budget.bytes(value.length)
  return value.toString()
}

const isNatural = (value: PickleValue): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

/** A whole number from 0: an offset or a length. */
export function natural(value: PickleValue): number {
  if (isNatural(value)) return value
  throw new Malformed('a whole number is missing')
}

/** No array has more dimensions (numpy 2; torch allows as many). */
const MOST_SIDES = 64

/** Sides or steps of an array, whole numbers from 0: a copy, for the pickle may change its own list later. */
export function naturals(value: PickleValue, budget: Budget): number[] {
  if (Array.isArray(value) && value.length <= MOST_SIDES && value.every(isNatural)) {
    budget.elements(value.length)
    return [...value]
  }
  throw new Malformed('whole numbers are missing')
}
