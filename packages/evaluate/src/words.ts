// Numbers as pages, cards and messages write them.

/** `12,345`. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** A fraction as `99.12 %`. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

/** The value of a figure, by its name: a cosine, or a fraction in percent. */
export const figureText = (figure: string, value: number): string =>
  /cosine|threshold/.test(figure) ? value.toFixed(4) : percent(value)
