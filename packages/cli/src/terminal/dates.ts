import { InvalidArgumentError } from 'commander'

const FORM = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** A day (as it begins, UTC) or a time with its zone, in ISO 8601; `undefined` for what is neither. */
export function dateOf(text: string): Date | undefined {
  const when = new Date(FORM.test(text) ? text : Number.NaN)
  return Number.isNaN(when.getTime()) ? undefined : when
}

/** Of an option. */
export function time(text: string): Date {
  const when = dateOf(text)
  if (when) return when
  throw new InvalidArgumentError('It must be a day, as 2027-01-31, or a time with its zone.')
}
