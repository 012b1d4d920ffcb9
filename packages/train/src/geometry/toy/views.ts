import { radians } from '@arcface/evaluate'
import { embeddingCentres } from '../angles/statistics.js'
import { directionsAt } from './rows.js'
import type { ToyRun } from './run.js'
import type { ToyFrame } from './train.js'

/** A point of the unit circle or sphere as it is seen: x to the right, y up, and whether it is on the near side. */
export interface Seen {
  x: number
  y: number
  front: boolean
}

/** One picture of an animation. */
export interface View {
  step: number
  points: Seen[]
  centres: Seen[]
}

const TILT = radians(20)
/** Pictures of one turn of the sphere. */
const TURN = 24
/** How often the last picture of a circle is repeated, so that it can be looked at. */
const HOLD = 8

/** The frames of a run as seen, for the rows `shown`; a sphere turns once after its last frame. */
export function viewsOf(run: ToyRun, shown: readonly number[]): View[] {
  const { frames, dim } = run
  const last = frames.at(-1)!
  const training = frames.map((frame) => see(run, frame, shown, 0))
  const after =
    dim === 2
      ? Array.from({ length: HOLD }, () => training.at(-1)!)
      : Array.from({ length: TURN }, (_, i) =>
          see(run, last, shown, (2 * Math.PI * (i + 1)) / TURN),
        )
  return [...training, ...after]
}

/** Embeddings have centres too, where the loss has none. */
function see(run: ToyRun, frame: ToyFrame, shown: readonly number[], turn: number): View {
  const { dim, labels, identities } = run
  const { points, centres } = directionsAt(frame, shown, dim)
  const means = () =>
    embeddingCentres({ embeddings: frame.features, labels, dim, classes: identities })
  const look = dim === 2 ? onCircle : onSphere(turn)
  const seen = (rows: Float64Array) =>
    Array.from({ length: rows.length / dim }, (_, i) => look(rows.subarray(i * dim, (i + 1) * dim)))
  return { step: frame.step, points: seen(points), centres: seen(centres ?? means()) }
}

const onCircle = (row: Float64Array): Seen => ({ x: row[0]!, y: row[1]!, front: true })

/** Seen from far away, from a little above, the sphere turned about its upright axis. */
const onSphere =
  (turn: number) =>
  (row: Float64Array): Seen => {
    const [x, y, z] = row as unknown as [number, number, number]
    const right = x * Math.cos(turn) + y * Math.sin(turn)
    const near = y * Math.cos(turn) - x * Math.sin(turn)
    return {
      x: right,
      y: z * Math.cos(TILT) - near * Math.sin(TILT),
      front: near * Math.cos(TILT) + z * Math.sin(TILT) >= 0,
    }
  }

/** Circles of latitude, which stay where they are when the sphere turns: height and half axes. */
export const latitudes = [-60, -30, 0, 30, 60].map((latitude) => ({
  y: Math.sin(radians(latitude)) * Math.cos(TILT),
  rx: Math.cos(radians(latitude)),
  ry: Math.cos(radians(latitude)) * Math.sin(TILT),
}))
