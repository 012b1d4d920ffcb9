import type { MembershipRow, MembershipSignal } from '../membership/membership.js'
import { sharesInBins } from '../roc/histogram.js'
import { histogramChart } from './charts.js'
import type { Html } from './html.js'

const AXES: Record<MembershipSignal, string> = {
  genuine: 'Mean cosine with the other photographs of the person',
  centre: 'Cosine with a class centre',
  certainty: 'Log odds of the softmax, without margin',
}

const BINS = 50

/** Scores of both kinds of photographs. */
export function signalHistogram(
  { signal, figures }: MembershipRow,
  trained: string,
  others: string,
): Html {
  const { similarities, same } = figures.scored
  const [from, to] = limitsOf(similarities)
  const heights = (label: number) =>
    sharesInBins(
      similarities.filter((_, i) => same[i] === label),
      { from, to, bins: BINS },
    )
  return histogramChart({
    x: { name: AXES[signal] },
    y: { name: 'Share of photographs', percent: true },
    from,
    to,
    series: [
      { name: trained, heights: heights(1) },
      { name: others, heights: heights(0) },
    ],
    height: 260,
  })
}

/** Round numbers that all but the outermost five thousandths lie between: these stand in the last bins. */
function limitsOf(scores: Float64Array): [number, number] {
  const sorted = scores.toSorted()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
  const [low, high] = [at(0.005), at(0.995)]
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-6)))
  const [from, to] = [Math.floor(low / step) * step, Math.ceil(high / step) * step]
  return [from, to > from ? to : from + step]
}
