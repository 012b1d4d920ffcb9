import { useNumbers, useWords } from '../../../language/language.js'
import { DataTable } from '../../../ui/table.js'
import type { Failure, Verification } from '../measured.js'
import { words } from '../words.js'

type Row = Verification | Failure

/** What was verified, the latest first. */
export function Verifications({
  verification,
  failures,
}: {
  verification: readonly Verification[]
  failures: readonly Failure[]
}) {
  const t = useWords(words)
  const n = useNumbers()
  const rows: Row[] = [...verification, ...failures].sort((a, b) => b.step - a.step)
  if (rows.length === 0) return null
  return (
    <div className="stack">
      <h2>{t.verification}</h2>
      <DataTable
        label={t.verification}
        rows={rows}
        keyOf={(row) => `${row.step} ${row.set} ${'failure' in row}`}
        height="24rem"
        columns={[
          {
            id: 'step',
            header: t.step,
            align: 'end',
            value: ({ step }) => step,
            cell: ({ step }) => n.count(step),
          },
          {
            id: 'set',
            header: t.set,
            value: ({ set }) => set,
            cell: ({ set }) => <bdi>{set}</bdi>,
          },
          {
            id: 'accuracy',
            header: t.accuracy,
            align: 'end',
            value: (row) => ('failure' in row ? null : row.accuracy),
            cell: (row) =>
              'failure' in row ? `${t.failed}: ${row.failure}` : n.rate(row.accuracy, 4),
          },
          {
            id: 'std',
            header: t.std,
            align: 'end',
            cell: (row) => ('failure' in row || row.std === null ? '' : n.rate(row.std, 2)),
          },
          {
            id: 'interval',
            header: t.interval,
            align: 'end',
            cell: (row) =>
              'failure' in row || row.interval === null
                ? ''
                : `${n.rate(row.interval.low, 4)} – ${n.rate(row.interval.high, 4)}`,
          },
        ]}
      />
    </div>
  )
}
