import { lazy, Suspense, useMemo } from 'react'
import { type Numbers, useNumbers, useWords } from '../../language/language.js'
import { type Colours, useColours } from '../../theme/theme.js'
import type { EChartProps } from '../../ui/charts/echart.js'
import { Notice } from '../../ui/problem.js'
import { modelName, type Opened } from './opened.js'
import { type Bands, useBands } from './statistics.js'
import { words } from './words.js'

const EChart = lazy(() => import('../../ui/charts/echart.js'))

const HEIGHT = 380

type Kind = 'roc' | 'det'

/** ROC and DET of a set, and of one beside it, with bands where people are drawn. */
export function Curves({
  opened,
  beside,
  threshold,
}: {
  opened: Opened
  beside: Opened | null
  threshold: number
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const bands = useBands(opened)
  const known = typeof bands === 'object' ? bands : undefined
  return (
    <>
      {(['roc', 'det'] as const).map((kind) => (
        <Curve key={kind} {...{ kind, opened, beside, threshold }} bands={known} />
      ))}
      {known ? (
        <p className="muted">{t.band(numbers.count(known.replicates))}</p>
      ) : typeof bands === 'string' ? (
        <Notice kind="warn">{bands || t.noDraws}</Notice>
      ) : (
        opened.fault === null && (
          <p className="muted" role="status">
            {t.drawing}
          </p>
        )
      )}
    </>
  )
}

function Curve({
  kind,
  opened,
  beside,
  threshold,
  bands,
}: {
  kind: Kind
  opened: Opened
  beside: Opened | null
  threshold: number
  bands: Bands | undefined
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const colours = useColours()
  const option = useMemo(
    () => optionOf({ kind, opened, beside, threshold, bands, t, numbers, colours }),
    [kind, opened, beside, threshold, bands, t, numbers, colours],
  )
  return (
    <figure className="stack">
      <figcaption>
        <h2>{t[kind]}</h2>
        <span className="muted">{kind === 'roc' ? t.rocTold : t.detTold}</span>
      </figcaption>
      <Suspense fallback={<div style={{ height: HEIGHT }} />}>
        <EChart option={option} label={t[kind]} height={HEIGHT} />
      </Suspense>
    </figure>
  )
}

function optionOf({
  kind,
  opened,
  beside,
  threshold,
  bands,
  t,
  numbers,
  colours,
}: {
  kind: Kind
  opened: Opened
  beside: Opened | null
  threshold: number
  bands: Bands | undefined
  t: ReturnType<typeof useWords<typeof words.en>>
  numbers: Numbers
  colours: Colours
}): EChartProps['option'] {
  const y = (frr: number) => (kind === 'roc' ? 1 - frr : frr)
  const all = [opened, ...(beside ? [beside] : [])]
  // A logarithmic axis has no 0: there a curve begins at its first error.
  const firstFar = Math.min(...all.map(({ curve }) => curve.far.find((far) => far > 0) ?? 1))
  const shown = ({ far, frr }: { far: number; frr: number }) =>
    far > 0 && (kind === 'roc' || frr > 0)
  const line = (one: Opened, i: number) => ({
    type: 'line' as const,
    name: nameOf(one, all, i),
    data: one.curve
      .drawn()
      .filter(shown)
      .map(({ far, frr }) => [far, y(frr)]),
    showSymbol: false,
    color: colours.series[i]!,
    lineStyle: { width: 2, ...(i > 0 && { type: 'dashed' as const }) },
  })
  const at = opened.curve.at(threshold)
  const band = bands?.atFar.filter(({ far }) => far >= firstFar) ?? []
  const fewest = Math.min(...all.flatMap(({ curve }) => curve.frr.findLast((frr) => frr > 0) ?? 1))
  const least = kind === 'roc' ? 0 : fewest
  const limits = band.map(({ far, tar: { low, high } }) => ({
    ...{ far, low: Math.max(least, y(1 - low)), high: Math.max(least, y(1 - high)) },
  }))
  const lowest = Math.min(
    ...all.map(({ curve }) => 1 - curve.frr[curve.far.findIndex((far) => far > 0)]!),
    ...limits.map(({ low }) => low),
  )
  const rate = (value: number) => numbers.rate(value, 2)
  const axis = { type: 'log' as const, max: 1, axisLabel: { formatter: rate, hideOverlap: true } }
  const outline = [
    ...limits.map(({ far, high }) => [far, high]),
    ...limits.toReversed().map(({ far, low }) => [far, low]),
  ] as [number, number][]
  return {
    grid: { left: 64, right: 24, top: 40, bottom: 56 },
    legend: { top: 0 },
    tooltip: { trigger: 'axis', valueFormatter: (value) => numbers.rate(Number(value), 4) },
    xAxis: { ...axis, min: firstFar, name: t.far, nameLocation: 'middle', nameGap: 32 },
    yAxis: {
      ...(kind === 'roc'
        ? {
            type: 'value' as const,
            // Just below the smallest that is shown.
            min: Math.max(0, Math.floor(20 * lowest - 0.2) / 20),
            max: 1,
            axisLabel: { formatter: rate },
          }
        : { ...axis, min: fewest }),
      name: kind === 'roc' ? t.tar : t.frr,
      nameTextStyle: { align: 'left' },
    },
    series: [
      ...all.map(line),
      ...(shown(at)
        ? [
            {
              type: 'scatter' as const,
              name: t.operating,
              data: [[at.far, y(at.frr)]],
              symbolSize: 11,
              color: colours.text,
            },
          ]
        : []),
      ...(outline.length > 2
        ? [
            {
              type: 'custom' as const,
              silent: true,
              clip: true,
              z: 1,
              data: [outline[0]!],
              renderItem: (_: unknown, api: { coord(point: number[]): number[] }) => ({
                type: 'polygon' as const,
                shape: { points: outline.map((point) => api.coord(point)) },
                style: { fill: colours.series[0]!, opacity: 0.2 },
              }),
            },
          ]
        : []),
    ] as NonNullable<EChartProps['option']['series']>,
  }
}

/** Two of one name are told apart by their places. */
const nameOf = ({ set }: Opened, all: readonly Opened[], i: number): string => {
  const name = modelName(set)
  return all.filter((one) => modelName(one.set) === name).length > 1 ? `${i + 1}: ${name}` : name
}
