import type { DrawnRate } from '@arcface/evaluate'
import { useNumbers, useWords } from '../../language/language.js'
import { Notice } from '../../ui/problem.js'
import type { Opened } from './opened.js'
import { useRates } from './statistics.js'
import { words } from './words.js'

/** FAR and FRR at the threshold: at once, and when people have been drawn with their intervals. */
export function Rates({ opened, threshold }: { opened: Opened; threshold: number }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const { curve } = opened
  const at = curve.at(threshold)
  const drawn = useRates(opened, threshold)
  const rates = typeof drawn === 'object' ? drawn : undefined
  return (
    <section className="stack" aria-label={t.verdict(numbers.fixed(threshold, 4), '')}>
      <strong className="numbers">
        {t.verdict(numbers.fixed(threshold, 4), numbers.rate(at.far))}
      </strong>
      <div className="grid">
        <Rate
          name={t.far}
          value={at.far}
          drawn={rates?.far}
          told={
            rates && t.ofPairs(numbers.count(rates.falseAccepts), numbers.count(rates.impostors))
          }
        />
        <Rate
          name={t.frr}
          value={at.frr}
          drawn={rates?.frr}
          told={rates && t.ofPairs(numbers.count(rates.falseRejects), numbers.count(rates.genuine))}
        />
      </div>
      {typeof drawn === 'string' ? (
        <Notice kind="bad">{drawn || t.noDraws}</Notice>
      ) : (
        <p className="muted">{t.interval}</p>
      )}
    </section>
  )
}

function Rate({
  name,
  value,
  drawn,
  told,
}: {
  name: string
  value: number
  drawn: DrawnRate | undefined
  told: string | undefined
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  return (
    <div className="card evaluate-rate">
      <span className="muted">{name}</span>
      <span className="evaluate-figure numbers">{numbers.rate(value)}</span>
      <span className="numbers" role="status">
        {drawn
          ? drawn.interval
            ? `[${numbers.rate(drawn.interval.low)}, ${numbers.rate(drawn.interval.high)}]`
            : t.noInterval
          : t.drawing}
      </span>
      <span className="muted numbers">{told ?? '\u00a0'}</span>
    </div>
  )
}
