import type { CalibrationResult } from '@arcface/evaluate'

/** Beside the calibration itself, which stands with the thresholds. */
export function jsonOf({ calibration: _, ...figures }: CalibrationResult) {
  return { calibrated: figures }
}

/** How good a calibration is, as rows of a table. */
export function rowsOf({
  calibration,
  tried,
  cllrInterval,
  calibrationLoss,
  likelihoodRatios,
  reliability,
}: CalibrationResult): (readonly [string, string])[] {
  const { method, prior, measured } = calibration
  const bits = (value: number) => value.toFixed(4)
  const share = (value: number) => value.toFixed(3)
  const { low, high } = likelihoodRatios
  return [
    [
      'calibration',
      `${method} (cross-validated Cllr: logistic ${bits(tried.logistic)}, isotonic ${bits(tried.isotonic)})`,
    ],
    [
      'measured on',
      `${measured.genuine} genuine and ${measured.impostors} impostor pairs of ${measured.people} people`,
    ],
    ['Cllr', `${bits(measured.cllr)} [${bits(cllrInterval.low)}, ${bits(cllrInterval.high)}] bits`],
    ['minCllr', `${bits(measured.minCllr)} bits; lost by the calibration ${bits(calibrationLoss)}`],
    [
      'likelihood ratios',
      `${low.toPrecision(2)} to ${Number(high.toPrecision(2))}, no more is claimed`,
    ],
    ...reliability.map(({ from, to, told, genuine, interval, pairs }) => {
      const between = interval
        ? ` [${share(interval.low)}, ${share(interval.high)}]`
        : ', too few people for an interval'
      return [
        `told ${from} to ${to}`,
        `${share(told)} on average; genuine ${share(genuine)}${between}, ${pairs} pairs at prior ${prior}`,
      ] as const
    }),
  ]
}
