import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Notice } from '../../ui/problem.js'
import { DataTable } from '../../ui/table.js'
import type { Opened } from './opened.js'
import { words } from './words.js'

/** The cosines at named FARs, to be taken. */
export function Thresholds({
  opened: { thresholds, curve },
  onChange,
}: {
  opened: Opened
  onChange(threshold: number): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  if (typeof thresholds === 'string') return <Notice kind="warn">{thresholds}</Notice>
  const rows = Object.entries(thresholds.cosine).map(([far, cosine]) => ({ far, cosine }))
  return (
    <section className="stack">
      <h2>{t.thresholds}</h2>
      <p className="muted">{t.thresholdsTold}</p>
      <DataTable
        rows={rows}
        label={t.thresholds}
        keyOf={({ far }) => far}
        columns={[
          {
            id: 'far',
            header: t.far,
            cell: ({ far }) => numbers.rate(Number(far)),
            value: ({ far }) => Number(far),
          },
          {
            id: 'cosine',
            header: t.threshold,
            cell: ({ cosine }) => numbers.fixed(cosine, 4),
            value: ({ cosine }) => cosine,
            align: 'end',
          },
          {
            id: 'frr',
            header: t.frr,
            cell: ({ cosine }) => numbers.rate(curve.at(cosine).frr),
            value: ({ cosine }) => curve.at(cosine).frr,
            align: 'end',
          },
          {
            id: 'use',
            header: t.actions,
            align: 'end',
            cell: ({ cosine }) => (
              <Button onClick={() => onChange(cosine)}>
                {t.use}
                <span className="hidden-text"> {numbers.fixed(cosine, 4)}</span>
              </Button>
            ),
          },
        ]}
      />
      {thresholds.impostors && (
        <p className="muted">{t.smallest(numbers.rate(thresholds.impostors.smallestFar))}</p>
      )}
    </section>
  )
}
