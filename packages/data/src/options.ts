import { DataError } from './errors.js'

/** @throws DataError DATA_OPTION where `value` is no whole number from `least` */
export function atLeast(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new DataError(
      'DATA_OPTION',
      `${name} must be a whole number from ${least}, but it is ${value}.`,
    )
}
