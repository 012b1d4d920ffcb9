import { chartColors, GRID, INK, WIDTH } from './frame.js'
import { type Html, html } from './html.js'
import { shortened } from './legend.js'

/** A rate with its interval, in a row of its own. */
export interface IntervalRow {
  readonly name: string
  /** Nothing is drawn where it is not known. */
  readonly rate: { readonly value: number; readonly low: number; readonly high: number } | null
}

const [ROW, NAMES, TOP, BOTTOM, RIGHT] = [24, 200, 26, 44, 36]
/** Characters of a name that fit to the left of the plot. */
const LETTERS = 25

/**
 * Rates of groups one below the other, on a logarithmic axis, with their intervals and a dashed line at a rate to compare
 * with. A rate of 0 stands hollow at the left edge; its line ends where the rate may still lie.
 */
export function intervalChart(
  title: string,
  rows: readonly IntervalRow[],
  mark?: { readonly name: string; readonly at: number },
): Html {
  const [from, to] = range([
    ...rows.flatMap(({ rate }) => rate ?? []),
    ...(mark ? [at(mark.at)] : []),
  ])
  const x = (rate: number) =>
    NAMES +
    ((Math.log(Math.max(rate, from)) - Math.log(from)) / (Math.log(to) - Math.log(from))) *
      (WIDTH - NAMES - RIGHT)
  const end = TOP + ROW * rows.length
  const grid = ticks(from, to).map(
    (tick) =>
      html`<path d="M${x(tick)} ${TOP}V${end}" stroke="${GRID}"/><text x="${x(tick)}" y="${end + 16}" text-anchor="middle" font-size="11" fill="${INK}">${tickName(tick)}</text>`,
  )
  const line =
    mark &&
    mark.at > 0 &&
    html`<path d="M${x(mark.at)} ${TOP - 6}V${end}" stroke="${INK}" stroke-dasharray="4 3"/><text x="${x(mark.at)}" y="${TOP - 10}" font-size="11" fill="${INK}" text-anchor="${x(mark.at) > WIDTH - 120 ? 'end' : 'middle'}">${mark.name}</text>`
  const drawn = rows.map(({ name, rate }, i) => {
    const y = TOP + ROW * (i + 0.5)
    const label = html`<text x="${NAMES - 10}" y="${y + 4}" text-anchor="end" font-size="12" fill="${INK}">${shortened(name, LETTERS)}<title>${name}</title></text>`
    if (rate === null) return label
    const color = chartColors[0]!
    const { value, low, high } = rate
    const dot =
      value === 0
        ? html`<circle cx="${x(0)}" cy="${y}" r="4" fill="#fff" stroke="${color}" stroke-width="2"/>`
        : html`<circle cx="${x(value)}" cy="${y}" r="4.5" fill="${color}"/>`
    return html`${label}<path d="M${x(low)} ${y}H${x(high)}" stroke="${color}" stroke-width="2"/><path d="M${x(high)} ${y - 5}v10" stroke="${color}" stroke-width="2"/>${low > from && html`<path d="M${x(low)} ${y - 5}v10" stroke="${color}" stroke-width="2"/>`}${dot}`
  })
  const axis = html`<path d="M${NAMES} ${end}H${WIDTH - RIGHT}" stroke="${INK}"/><text x="${(NAMES + WIDTH - RIGHT) / 2}" y="${end + 36}" text-anchor="middle" font-size="12" fill="${INK}">${title} (log)</text>`
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${end + BOTTOM}" role="img" aria-label="${title}" font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif">${grid}${axis}${line}${drawn}</svg>`
}

const tickName = (rate: number) => `${Number((100 * rate).toPrecision(2))} %`

const at = (value: number) => ({ value, low: value, high: value })

/** Whole decades, or halves of one where all lies close together; lower limits of next to nothing do not widen it. */
function range(
  rates: readonly { readonly value: number; readonly low: number; readonly high: number }[],
): [number, number] {
  const highest = Math.max(1e-9, ...rates.map(({ high }) => high))
  const known = rates.flatMap(({ value, low }) => (value > 0 ? [Math.max(low, value / 10)] : []))
  const lowest = Math.min(highest / 4, ...(known.length > 0 ? known : [highest / 100]))
  return [lowest / 1.3, Math.min(1, highest * 1.15)]
}

/** 1, 2 and 5 of each decade, of many decades 1 alone. */
function ticks(from: number, to: number): number[] {
  const steps = Math.log10(to / from) > 2.2 ? [1] : Math.log10(to / from) > 1.2 ? [1, 3] : [1, 2, 5]
  const found: number[] = []
  for (let decade = Math.floor(Math.log10(from)); decade <= Math.log10(to); decade++)
    for (const step of steps) {
      const tick = step * 10 ** decade
      if (tick >= from && tick <= to) found.push(tick)
    }
  return found
}
