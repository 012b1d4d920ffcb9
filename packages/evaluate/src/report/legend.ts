import { type Html, html } from './html.js'

/** What a chart calls one of its groups, and how it draws it. */
export interface LegendItem {
  readonly name: string
  readonly color: string
  /** A line, which may be dashed; else an area. */
  readonly line?: { readonly dash?: readonly number[] }
}

// A chart library lays a legend out by a guess of how wide text is, and then names run into each other or over the plot.
// Here the guess is on the wide side, and what rows are needed is known before the plot is placed.

/** Pixels a letter of 12 pixels takes, of a wide font. */
export const CHARACTER = 7.4
/** Letters of a name; the middle of a longer one is left out. */
const LONGEST = 60
const [ROW, SWATCH, GAP] = [20, 22, 22]
const FIRST = 18

/** A legend above a plot between `left` and `right`: its height in pixels, and SVG elements. */
export function legend(
  items: readonly LegendItem[],
  { left, right, ink }: { left: number; right: number; ink: string },
): { height: number; svg: Html } {
  let [x, y] = [left, FIRST]
  const drawn = items.map(({ name, color, line }) => {
    const shown = shortened(name, LONGEST)
    const width = SWATCH + 6 + shown.length * CHARACTER
    if (x > left && x + width > right) {
      x = left
      y += ROW
    }
    const dash = line?.dash && html` stroke-dasharray="${line.dash.join(' ')}"`
    const swatch = line
      ? html`<path d="M${x} ${y - 4}h${SWATCH}" stroke="${color}" stroke-width="3" fill="none"${dash}/>`
      : html`<rect x="${x}" y="${y - 10}" width="${SWATCH}" height="12" rx="3" fill="${color}" fill-opacity="0.6"/>`
    const text = html`<text x="${x + SWATCH + 6}" y="${y}" font-size="12" fill="${ink}">${shown}</text>`
    x += width + GAP
    return [swatch, text]
  })
  return { height: y + 6, svg: html`${drawn}` }
}

/** A name of so many letters at most: the middle of a longer one is left out. */
export function shortened(name: string, most: number): string {
  const end = Math.min(17, Math.floor(most / 3))
  return name.length > most ? `${name.slice(0, most - end - 1)}…${name.slice(-end)}` : name
}
