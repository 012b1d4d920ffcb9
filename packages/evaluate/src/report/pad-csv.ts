import type { PadRate, PadResult, Presentation } from '../pad/result.js'
import { csvText } from './csv.js'
import { curvePoints } from './curves.js'
import { asPairs } from './pad-charts.js'

/** Every rate as CSV: detector, figure, species, what is fixed, value, limits, errors, presentations, people. */
export function padCsv({ living, species, detectors }: PadResult): string {
  const row = (
    detector: string,
    figure: string,
    name: string,
    at: string | number,
    rate: PadRate | null,
  ) => {
    if (rate === null) return []
    const { value, low, high, errors, presentations, people } = rate
    return [
      [detector, figure, name, at, value, low ?? '', high ?? '', errors, presentations, people],
    ]
  }
  const each = (
    detector: string,
    figure: string,
    at: string | number,
    rates: readonly (PadRate | null)[],
  ) => rates.flatMap((rate, i) => row(detector, figure, species[i]!.name, at, rate))
  return csvText(
    [
      ...['detector', 'figure', 'species', 'at', 'value', 'low', 'high'],
      ...['errors', 'presentations', 'people'],
    ],
    [
      ...row('', 'BPNRR', '', '', living.nonResponse),
      ...species.flatMap(({ name, nonResponse }) => row('', 'APNRR', name, '', nonResponse)),
      ...detectors.flatMap(({ name, own, atApcer, atBpcer }) => [
        ...(own
          ? [
              ...row(name, 'BPCER', '', `threshold ${own.threshold}`, own.bpcer),
              ...each(name, 'APCER', `threshold ${own.threshold}`, own.apcer),
            ]
          : []),
        ...atApcer.flatMap((one) => [
          ...row(name, 'BPCER', '', `APCER ${one.apcer}`, one.bpcer),
          ...each(name, 'BPCER', `APCER ${one.apcer}`, one.each),
        ]),
        ...atBpcer.flatMap((one) => each(name, 'APCER', `BPCER ${one.bpcer}`, one.apcer)),
      ]),
    ],
  )
}

/** Every presentation with its scores as CSV; what got no answer has the reason instead. */
export const padScoresCsv = (
  detectors: PadResult['detectors'],
  presentations: readonly (Presentation & { readonly silent: string | null })[],
): string =>
  csvText(
    ['presentation', 'species', 'person', ...detectors.map(({ name }) => name), 'no answer'],
    presentations.map(({ name, species, person, scores, silent }) => [
      name,
      species ?? 'living',
      person ?? '',
      ...(scores ?? detectors.map(() => '')),
      silent ?? '',
    ]),
  )

/** The points of the DET curve of each species as CSV: what passes lies strictly above the score. */
export function padCurvesCsv(
  { detectors, species }: PadResult,
  presentations: readonly Presentation[],
): string {
  const scores = (name: string | null, place: number) =>
    presentations.flatMap((one) => (one.species === name ? (one.scores?.[place] ?? []) : []))
  return csvText(
    ['detector', 'species', 'apcer', 'bpcer', 'score'],
    detectors.flatMap((detector, place) =>
      species.flatMap(({ name }) => {
        const [living, attacks] = [scores(null, place), scores(name, place)]
        if (attacks.length === 0) return []
        return curvePoints(asPairs(living, attacks)).map(({ far, tar, threshold }) => [
          detector.name,
          name,
          far,
          1 - tar,
          Number.isFinite(threshold) ? threshold : '',
        ])
      }),
    ),
  )
}
