import { expectedCost } from '@arcface/evaluate'
import { useMemo, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Costs, FIRST_PRICES, type Prices } from './costs.js'
import { Histogram } from './histogram.js'
import { type Opened, rangeOf } from './opened.js'
import { Rates } from './rates.js'
import { ThresholdField } from './threshold-field.js'
import { Thresholds } from './thresholds.js'
import { words } from './words.js'

/** The threshold between the cosines of both kinds of pairs, what it gives, and what that costs. */
export function Threshold({
  opened,
  threshold,
  onChange,
}: {
  opened: Opened
  threshold: number
  onChange(threshold: number): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const [prices, setPrices] = useState<Prices>(FIRST_PRICES)
  const { curve, histogram, thresholds } = opened
  const cheapest = useMemo(() => curve.cheapest(prices), [curve, prices])
  const { far, frr } = curve.at(threshold)
  const marks = useMemo(
    () => [
      ...(typeof thresholds === 'string'
        ? []
        : Object.entries(thresholds.cosine)
            .filter((_, i) => i % 2 === 0)
            .map(([far, at]) => ({ name: t.atFar(far), at }))),
      { name: t.cheapestMark, at: cheapest.threshold },
    ],
    [t, thresholds, cheapest],
  )
  const text = t.sliderText(numbers.fixed(threshold, 4), numbers.rate(far), numbers.rate(frr))
  return (
    <>
      <Histogram bins={histogram} {...{ threshold, marks, text, onChange }} />
      <ThresholdField range={rangeOf(opened)} {...{ threshold, onChange }} />
      <Rates {...{ opened, threshold }} />
      <Costs
        {...{ prices, cheapest, onChange }}
        cost={expectedCost({ far, frr }, prices)}
        onPrices={setPrices}
      />
      <Thresholds {...{ opened, onChange }} />
    </>
  )
}
