import type { Interval } from '@arcface/evaluate'
import { useMemo } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Notice } from '../../ui/problem.js'
import { DataTable } from '../../ui/table.js'
import { modelName, type Opened } from './opened.js'
import { Pair } from './pair.js'
import { differences, samePairs } from './pairs.js'
import { useDifference } from './statistics.js'
import { words } from './words.js'

const MOST = 24

/** Two models at the same FAR: their figures, and the pairs that only one of them decides rightly. */
export function Beside({
  opened,
  beside,
  threshold,
}: {
  opened: Opened
  beside: Opened
  threshold: number
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const { far } = opened.curve.at(threshold)
  const other = beside.curve.thresholdAtFar(far)
  const isSame = useMemo(() => samePairs(opened.set, beside.set), [opened, beside])
  const rows = [
    [t.threshold, threshold, other, 'cosine'],
    [t.far, far, beside.curve.at(other).far, 'far'],
    [t.frr, opened.curve.at(threshold).frr, beside.curve.at(other).frr, 'frr'],
    [t.equalError, opened.equalError.rate, beside.equalError.rate, 'eer'],
    [t.area, opened.area, beside.area, 'area'],
  ] as const
  const text = (value: number, id: string) =>
    id === 'cosine' || id === 'area' ? numbers.fixed(value, 4) : numbers.rate(value)
  return (
    <>
      <p className="muted">{t.besideTold}</p>
      <DataTable
        rows={rows}
        label={t.tabBeside}
        keyOf={([, , , id]) => id}
        columns={[
          { id: 'figure', header: t.figure, cell: ([name]) => name },
          {
            id: 'first',
            header: modelName(opened.set),
            cell: ([, first, , id]) => text(first, id),
            align: 'end',
          },
          {
            id: 'second',
            header: modelName(beside.set),
            cell: ([, , second, id]) => text(second, id),
            align: 'end',
          },
        ]}
      />
      {isSame ? (
        <>
          <Difference {...{ opened, beside, threshold, other }} />
          <Different {...{ opened, beside, threshold, other }} />
        </>
      ) : (
        <Notice kind="warn">{t.otherPairs}</Notice>
      )}
    </>
  )
}

interface Compared {
  opened: Opened
  beside: Opened
  threshold: number
  other: number
}

function Difference({ opened, beside, threshold, other }: Compared) {
  const t = useWords(words)
  const numbers = useNumbers()
  const difference = useDifference(opened, beside, threshold, other)
  if (difference === undefined)
    return opened.fault === null ? (
      <p className="muted" role="status">
        {t.drawing}
      </p>
    ) : null
  if (typeof difference === 'string') return <Notice kind="warn">{difference || t.noDraws}</Notice>
  const text = ({ value, interval }: { value: number; interval: Interval | null }) =>
    `${numbers.rate(value)} ${interval ? `[${numbers.rate(interval.low)}, ${numbers.rate(interval.high)}]` : t.noInterval}`
  return (
    <p className="numbers">
      {t.difference}: {t.far} {text(difference.far)}; {t.frr} {text(difference.frr)}.{' '}
      <span className="muted">{t.interval}</span>
    </p>
  )
}

function Different({ opened, beside, threshold, other }: Compared) {
  const t = useWords(words)
  const numbers = useNumbers()
  const found = useMemo(
    () => differences(opened.set, beside.set, [threshold, other]),
    [opened, beside, threshold, other],
  )
  const parts = [
    [opened, found.first],
    [beside, found.second],
  ] as const
  return (
    <>
      <strong>{t.differ(numbers.count(found.first.length + found.second.length))}</strong>
      {parts
        .filter(([, pairs]) => pairs.length > 0)
        .map(([of, pairs]) => (
          <section key={of.id} className="stack">
            <h2>
              <bdi>{t.onlyFirst(modelName(of.set))}</bdi> ({numbers.count(pairs.length)})
            </h2>
            <div className="evaluate-pairs">
              {pairs.slice(0, MOST).map((pair) => (
                <Pair key={pair.pair} set={opened.set} pair={pair}>
                  <span className="numbers">
                    {pair.kind === 'rejects' ? t.genuine : t.impostor};{' '}
                    {numbers.fixed(pair.other, 4)} <bdi>{modelName(beside.set)}</bdi>
                  </span>
                </Pair>
              ))}
            </div>
          </section>
        ))}
    </>
  )
}
