import { useQueries } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { Link } from 'wouter'
import { useWords } from '../../../language/language.js'
import type { Range } from '../../../ui/charts/lines.js'
import { Page } from '../../../ui/page.js'
import { Notice, Problem } from '../../../ui/problem.js'
import { DataTable } from '../../../ui/table.js'
import { addressOf } from '../address.js'
import { FigureChart } from '../chart/figure-chart.js'
import { within } from '../chart/moved.js'
import { RangeBar } from '../chart/range.js'
import type { Measured } from '../measured.js'
import { type Figure, useFigures } from '../run/figures.js'
import { lineOf } from '../run/line.js'
import { measuredQuery, runQuery } from '../run/metrics.js'
import { words } from '../words.js'
import { type Difference, differences } from './differences.js'
import { overlaid } from './overlaid.js'

const AGAIN_MS = 5000
/** More cannot be told apart. */
const MOST = 8

interface Laid {
  readonly run: string
  readonly measured: Measured
}

/** Runs laid over each other, and what differs in their configurations. */
export function Compare({ runs: named }: { runs: readonly string[] }) {
  const t = useWords(words)
  const runs = [...new Set(named)].slice(0, MOST)
  const [range, setRange] = useState<Range | null>(null)
  const measured = useQueries({
    queries: runs.map((run) => ({ ...measuredQuery(run), refetchInterval: AGAIN_MS })),
  })
  const wholes = useQueries({ queries: runs.map(runQuery) })
  const figures = useFigures()
  const error = [...measured, ...wholes].find((one) => one.error && !one.data)?.error
  const laid = runs.flatMap((run, i): Laid[] => {
    const found = measured[i]?.data
    return found ? [{ run, measured: found }] : []
  })
  const steps = laid.flatMap(({ measured: { step } }) => [step[0] ?? 0, step.at(-1) ?? 0])
  const [first, last] = [Math.min(...steps), Math.max(...steps)]
  const choose = useCallback(
    (asked: Range | null) => setRange(asked && within(asked, [first, last])),
    [first, last],
  )
  const configs = wholes.map(({ data }) => data?.config)
  return (
    <Page title={t.compare} told={<Link href="/training">{t.back}</Link>}>
      {runs.length < 2 && <Notice>{t.needTwo}</Notice>}
      {error && <Problem error={error} />}
      <ol className="compared">
        {runs.map((run) => (
          <li key={run}>
            <Link href={addressOf('run', run)}>
              <bdi>{run}</bdi>
            </Link>
          </li>
        ))}
      </ol>
      <div className="stack">
        <h2>{t.differences}</h2>
        {configs.every((one) => one !== undefined) && (
          <Differences runs={runs} found={differences(configs)} />
        )}
      </div>
      {steps.length > 0 && (
        <>
          <RangeBar whole={[first, last]} range={range} onRange={choose} />
          <div className="charts">
            {figures.flatMap((figure) =>
              figure.lines.map(([name, label]) => (
                <Overlay
                  key={name}
                  {...{ figure, name, laid, range }}
                  title={figure.lines.length > 1 ? `${figure.title}: ${label}` : figure.title}
                  onRange={choose}
                />
              )),
            )}
          </div>
        </>
      )}
    </Page>
  )
}

/** Of a long name its end, which tells runs apart. */
const ending = (run: string) => (run.length > 32 ? `…${[...run].slice(-30).join('')}` : run)

function Overlay({
  figure,
  name,
  title,
  laid,
  range,
  onRange,
}: {
  figure: Figure
  name: string
  title: string
  laid: readonly Laid[]
  range: Range | null
  onRange(range: Range | null): void
}) {
  const { step, lines } = useMemo(() => {
    const all = laid.map(({ measured: { step, series } }) => ({
      step,
      values: lineOf(series[name], figure),
    }))
    const { step, values } = overlaid(all)
    const lines = laid.flatMap(({ run }, colour) =>
      all[colour]!.values
        ? [{ label: `${colour + 1}: ${ending(run)}`, values: values[colour]!, colour }]
        : [],
    )
    return { step, lines }
  }, [laid, name, figure])
  if (lines.length === 0) return null
  return (
    <FigureChart
      {...{ title, step, lines, figure, range, onRange }}
      told={`${title}: ${lines.map(({ label }) => label).join(', ')}`}
    />
  )
}

function Differences({ runs, found }: { runs: readonly string[]; found: readonly Difference[] }) {
  const t = useWords(words)
  if (found.length === 0) return <p className="muted">{t.same}</p>
  return (
    <DataTable
      label={t.differences}
      rows={found}
      keyOf={({ key }) => key}
      columns={[
        {
          id: 'key',
          header: t.key,
          value: ({ key }: Difference) => key,
          cell: ({ key }: Difference) => <code>{key}</code>,
        },
        ...runs.map((_, i) => ({
          id: `run ${i}`,
          header: String(i + 1),
          cell: ({ values }: Difference) =>
            values[i] == null ? (
              <span className="muted">{t.absent}</span>
            ) : (
              <code>{values[i]}</code>
            ),
        })),
      ]}
    />
  )
}
