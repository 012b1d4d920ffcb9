import { useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import type { Range } from '../../../ui/charts/lines.js'
import { words } from '../words.js'
import { moved } from './moved.js'

/** Zooms and pans the charts below without a mouse. */
export function RangeBar({
  whole,
  range,
  onRange,
}: {
  /** First and last step that there is. */
  whole: Range
  range: Range | null
  onRange(range: Range | null): void
}) {
  const t = useWords(words)
  const go = (by: number, factor = 1) => onRange(moved(range ?? whole, whole, by, factor))
  return (
    <div className="row" role="toolbar" aria-label={t.part}>
      <Button onClick={() => go(0, 0.5)}>{t.nearer}</Button>
      <Button disabled={range === null} onClick={() => go(0, 2)}>
        {t.farther}
      </Button>
      <Button disabled={range === null} onClick={() => go(-0.25)}>
        {t.earlier}
      </Button>
      <Button disabled={range === null} onClick={() => go(0.25)}>
        {t.later}
      </Button>
      <Button disabled={range === null} onClick={() => onRange(null)}>
        {t.all}
      </Button>
      <span className="muted">{t.charts}</span>
    </div>
  )
}
