import type { Calibration } from '@arcface/onnx'

/** Cosine and natural logarithm of the likelihood ratio: cosines rise, ratios never fall; see `logLikelihoodRatio`. */
export type Curve = Calibration['points']

/** The curve where it lies between two ratios; it stays at them beyond. Ends that are flat are left out. */
export function bounded(points: Curve, low: number, high: number): Curve {
  const kept: Curve = []
  for (const [i, [x, y]] of points.entries()) {
    const [lastX, lastY] = points[i - 1] ?? [x, y]
    for (const bound of [low, high])
      if (lastY < bound && bound < y)
        kept.push([lastX + ((bound - lastY) / (y - lastY)) * (x - lastX), bound])
    kept.push([x, Math.max(low, Math.min(high, y))])
  }
  const from = kept.findIndex(([, y], i) => y < (kept[i + 1]?.[1] ?? y))
  const to = kept.findLastIndex(([, y], i) => y > (kept[i - 1]?.[1] ?? y))
  return from < 0 ? [] : kept.slice(from, to + 1)
}

const [STEP, DIGITS] = [1e-6, 6]

/** With as many digits as anybody needs; cosines still rise. */
export function rounded(points: Curve): Curve {
  const short: Curve = []
  for (const [x, y] of points) {
    const least = short.length > 0 ? short.at(-1)![0] + STEP : -1
    short.push([Number(Math.max(x, least).toFixed(DIGITS)), Number(y.toFixed(DIGITS - 2))])
  }
  return short.filter(([x]) => x <= 1)
}
