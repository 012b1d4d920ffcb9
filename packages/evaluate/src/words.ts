import type { Interval } from './bootstrap/bootstrap.js'

// Numbers as pages, cards, messages and terminals write them.

/** `12,345`. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** A fraction as `99.12 %`. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

/** An interval behind its figure, ` [98.70 %, 99.40 %]`; nothing where there is none. */
export const inBrackets = (
  interval: Interval | null | undefined,
  text: (value: number) => string = percent,
): string => (interval ? ` [${text(interval.low)}, ${text(interval.high)}]` : '')

/** An error rate in percent; of small ones two digits. */
export function errorPercent(rate: number): string {
  const shown = 100 * rate
  if (shown === 0 || shown >= 1) return `${shown.toFixed(shown === 0 ? 0 : 2)} %`
  const digits = 1 - Math.floor(Math.log10(shown))
  return `${shown.toFixed(Math.min(digits, 20))} %`
}

/** A rate, and where it may lie if that is known. */
export interface ShownRate {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly errors: number
}

/**
 * `0.12 % [0.05 %, 0.30 %]`; where nothing went wrong what is allowed, `0 % (at most 3.10 %)`; `–` where nothing is known,
 * `0 % (no interval)` of one person.
 */
export function rateWords(rate: ShownRate | null): string {
  if (rate === null) return '–'
  const { value, low, high, errors } = rate
  if (low === null || high === null) return `${errorPercent(value)} (no interval)`
  if (errors === 0) return `0 % (at most ${errorPercent(high)})`
  return errorPercent(value) + inBrackets({ low, high }, errorPercent)
}

/** The value of a figure, by its name: a cosine, or a fraction in percent. */
export const figureText = (figure: string, value: number): string =>
  /cosine|threshold/.test(figure) ? value.toFixed(4) : percent(value)

/**
 * Of a path the file, with its folder where the file does not say it: `ann_0001.jpg`, `ann/1.jpg`; in what is described
 * by a path, as `template 3 (ann/1.jpg)`, likewise.
 */
export function shortName(name: string): string {
  const [, what, path] = /^(.*? \()(.*)\)$/.exec(name) ?? []
  if (what !== undefined) return `${what}${shortName(path!)})`
  const [file = '', folder] = name.split(/[/\\]/).toReversed()
  return folder === undefined || file.startsWith(folder) ? file : `${folder}/${file}`
}
