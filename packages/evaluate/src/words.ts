// Numbers as pages, cards and messages write them.

/** `12,345`. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** A fraction as `99.12 %`. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

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
