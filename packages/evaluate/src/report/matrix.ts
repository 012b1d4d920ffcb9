import { errorPercent } from '../words.js'
import { GRID, INK, WIDTH } from './frame.js'
import { type Html, html } from './html.js'
import { shortened } from './legend.js'

const [NAMES, TOP, HIGHEST] = [220, 30, 44]
/** Of more groups the cells have no room for figures. */
const WITH_FIGURES = 10
const LETTERS = 24

/**
 * Rates of every two groups as a square of colours: the stronger, the larger, by its logarithm; the columns are numbered as
 * the rows are.
 * @param rate of two groups by their numbers; null where it is not known
 */
export function matrixChart(
  title: string,
  names: readonly string[],
  rate: (a: number, b: number) => number | null,
): Html {
  const size = Math.min(HIGHEST * 2, (WIDTH - NAMES) / names.length)
  const height = Math.min(HIGHEST, size)
  const all = names.flatMap((_, a) => names.map((_, b) => rate(a, b))).filter((one) => one !== null)
  const positive = all.filter((one) => one > 0)
  const [low, high] = [Math.log(Math.min(...positive)), Math.log(Math.max(...positive))]
  /** From 0 to 1. */
  const depth = (value: number) =>
    value === 0 ? 0 : high === low ? 0.5 : 0.12 + (0.88 * (Math.log(value) - low)) / (high - low)
  const heads = names.map(
    (_, b) =>
      html`<text x="${NAMES + (b + 0.5) * size}" y="${TOP - 9}" text-anchor="middle" font-size="11" fill="${INK}">${b + 1}</text>`,
  )
  const rows = names.map((name, a) => {
    const y = TOP + a * height
    const label = html`<text x="${NAMES - 10}" y="${y + height / 2 + 4}" text-anchor="end" font-size="12" fill="${INK}">${shortened(name, LETTERS)} ${a + 1}<title>${name}</title></text>`
    const cells = names.map((other, b) => {
      const value = rate(a, b)
      const text = value === null ? 'not known' : errorPercent(value)
      const x = NAMES + b * size
      const shade = value === null ? 0 : depth(value)
      const figure =
        names.length <= WITH_FIGURES &&
        value !== null &&
        html`<text x="${x + size / 2}" y="${y + height / 2 + 4}" text-anchor="middle" font-size="11" fill="${shade > 0.55 ? '#fff' : INK}">${text.replace(' %', '')}</text>`
      return html`<g><title>${name} with ${other}: ${text}</title><rect x="${x}" y="${y}" width="${size}" height="${height}" fill="#0072b2" fill-opacity="${shade.toFixed(3)}" stroke="${GRID}"/>${figure}</g>`
    })
    return html`${label}${cells}`
  })
  const bottom = TOP + height * names.length + 8
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom}" role="img" aria-label="${title}" font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif">${heads}${rows}</svg>`
}
