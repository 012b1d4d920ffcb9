/** A step of the training of one network. Angles in degrees. */
export interface ToyFrame {
  step: number
  intraDegrees: number
  interDegrees: number
  gapDegrees: number
  wEcDegrees: number | null
  wInterDegrees: number | null
  /** Directions, row after row, each as long as the run's `dim`. */
  points: readonly number[]
  centres: readonly number[]
}

/** One network of the toy. */
export interface ToyRun {
  dim: 2 | 3
  loss: { m1: number; m2: number; m3: number; scale: number }
  identities: number
  /** Identity of each point. */
  labels: readonly number[]
  frames: readonly ToyFrame[]
}

/** What `arcface geometry toy --json --points N` put out; null for anything else. */
export function toyRuns(result: unknown): ToyRun[] | null {
  const { runs } = Object(result) as { runs?: unknown }
  return Array.isArray(runs) && runs.length > 0 && runs.every(isRun) ? runs : null
}

function isRun(value: unknown): value is ToyRun {
  const { dim, loss, labels, identities, frames } = Object(value) as Partial<ToyRun>
  return (
    (dim === 2 || dim === 3) &&
    typeof identities === 'number' &&
    Object(loss) === loss &&
    Array.isArray(labels) &&
    Array.isArray(frames) &&
    frames.length > 0 &&
    frames.every((frame) => isFrame(frame, dim, labels.length, identities))
  )
}

function isFrame(value: unknown, dim: number, points: number, identities: number): boolean {
  const frame = Object(value) as Partial<ToyFrame>
  const isRows = (rows: unknown, count: number) =>
    Array.isArray(rows) && rows.length === count * dim && rows.every(Number.isFinite)
  return (
    [frame.step, frame.intraDegrees, frame.interDegrees, frame.gapDegrees].every(Number.isFinite) &&
    isRows(frame.points, points) &&
    isRows(frame.centres, identities)
  )
}

/** Row `i` of `rows`, as a place on the sphere; a circle is its equator's. */
export const rowOf = (rows: readonly number[], i: number, dim: 2 | 3): readonly number[] =>
  rows.slice(i * dim, (i + 1) * dim)
