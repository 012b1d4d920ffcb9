import type { expectedCost, Prices } from '@arcface/evaluate'
import { useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import { Facts } from '../../ui/page.js'
import { words } from './words.js'

export type { Prices }
/** Nothing is known of where it will be used. */
export const FIRST_PRICES: Prices = { falseAccept: 1, falseReject: 1, genuine: 0.5 }

const ATTEMPTS = 1000

/** What wrong decisions cost at the threshold, and at which they would cost least. */
export function Costs({
  prices,
  cost,
  cheapest,
  onPrices,
  onChange,
}: {
  prices: Prices
  cost: ReturnType<typeof expectedCost>
  cheapest: { readonly threshold: number; readonly cost: number }
  onPrices(prices: Prices): void
  onChange(threshold: number): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const of = (one: number) => numbers.significant(ATTEMPTS * one)
  const isPrice = (value: number) => value >= 0 && value <= 1e12
  return (
    <section className="stack" aria-labelledby="evaluate-costs">
      <h2 id="evaluate-costs">{t.costs}</h2>
      <div className="grid">
        <NumberField
          label={t.priceAccept}
          first={prices.falseAccept}
          isRight={isPrice}
          wrong={t.costWrong}
          onChange={(falseAccept) => onPrices({ ...prices, falseAccept })}
        />
        <NumberField
          label={t.priceReject}
          first={prices.falseReject}
          isRight={isPrice}
          wrong={t.costWrong}
          onChange={(falseReject) => onPrices({ ...prices, falseReject })}
        />
        <NumberField
          label={t.genuineShare}
          first={100 * prices.genuine}
          isRight={(value) => value >= 0 && value <= 100}
          wrong={t.shareWrong}
          onChange={(percent) => onPrices({ ...prices, genuine: percent / 100 })}
        />
      </div>
      <p className="muted">{t.costTold}</p>
      <h3>{t.per}</h3>
      <div className="numbers">
        <Facts
          facts={[
            [t.costAccepts, of(cost.accepts)],
            [t.costRejects, of(cost.rejects)],
            [t.costAll, <strong key="all">{of(cost.all)}</strong>],
          ]}
        />
      </div>
      {Number.isFinite(cheapest.threshold) ? (
        <div className="row">
          <span className="numbers">
            {t.cheapest(numbers.fixed(cheapest.threshold, 4), of(cheapest.cost))}
          </span>
          <Button onClick={() => onChange(cheapest.threshold)}>{t.use}</Button>
        </div>
      ) : (
        <p>{t.cheapestAll(of(cheapest.cost))}</p>
      )}
    </section>
  )
}

function NumberField({
  label,
  first,
  isRight,
  wrong,
  onChange,
}: {
  label: string
  first: number
  isRight(value: number): boolean
  wrong: string
  onChange(value: number): void
}) {
  const [text, setText] = useState(`${first}`)
  const isGood = (text: string) => text.trim() !== '' && isRight(Number(text))
  return (
    <TextField
      label={label}
      wrong={isGood(text) ? undefined : wrong}
      value={text}
      inputMode="decimal"
      onChange={(next) => {
        setText(next)
        if (isGood(next)) onChange(Number(next))
      }}
    />
  )
}
