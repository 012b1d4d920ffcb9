import { InvalidArgumentError } from 'commander'

const FORM = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** A day (as it begins, UTC) or a time with its zone, in ISO 8601; `undefined` for what is neither. */
export function dateOf(text: string): Date | undefined {
  const when = new Date(FORM.test(text) && isDay(text.slice(0, 10)) ? text : Number.NaN)
  return Number.isNaN(when.getTime()) ? undefined : when
}

/** `Date` takes 30 February for the first of March. */
const isDay = (day: string): boolean => {
  const when = new Date(day)
  return !Number.isNaN(when.getTime()) && when.toISOString().startsWith(day)
}

/** Of an option. */
export function time(text: string): Date {
  const when = dateOf(text)
  if (when) return when
  throw new InvalidArgumentError('It must be a day, as 2027-01-31, or a time with its zone.')
}
