import type { Photo } from '../image/photo.js'
import { type Network, runOn } from '../network/network.js'
import { type Box, type Detection, overlap } from './detection.js'
import type { Family } from './family.js'
import type { JudgedDetection } from './plausible.js'
import { sampleSquare } from './sample.js'

/** Side of the network's input. */
const SIDE = 160
/** Sides of the squares about a face that are looked at, in sides of its box. */
const ROOM = [2, 1.5]
/** What counts as found again: scores from it on, boxes that overlap so much. */
const SCORE = 0.3
const OVERLAP = 0.3

/**
 * Looks at faces once more, each alone, in another size and mirrored: what is no face is seldom found twice. Of the two
 * looks the better one counts, for a face may stand too near to a border or to another for one of them.
 */
export function lookAgain(
  network: Network,
  family: Family,
  photo: Photo,
  faces: readonly Detection[],
): Promise<JudgedDetection[]> {
  return Promise.all(
    faces.map(async (face) => {
      const scores = await Promise.all(
        ROOM.map((room) => scoreOf(network, family, photo, face.box, room)),
      )
      return { ...face, plausibility: (face.score + Math.max(...scores)) / 2 }
    }),
  )
}

/** Of what is found at the place of a face, 0 if there is nothing. */
async function scoreOf(
  network: Network,
  family: Family,
  photo: Photo,
  { x, y, width, height }: Box,
  room: number,
): Promise<number> {
  const side = room * Math.max(width, height)
  const [left, top] = [x + (width - side) / 2, y + (height - side) / 2]
  const rgb = sampleSquare(photo, { x: left, y: top, width: side, height: side }, SIDE)
  const plane = SIDE * SIDE
  const values = new Float32Array(3 * plane)
  const channels = family.order === 'RGB' ? [0, 1, 2] : [2, 1, 0]
  channels.forEach((channel, to) => {
    for (let v = 0; v < SIDE; v++)
      for (let u = 0; u < SIDE; u++)
        values[to * plane + v * SIDE + SIDE - 1 - u] =
          (rgb[(v * SIDE + u) * 3 + channel]! - family.mean) * family.scale
  })
  const outputs = await runOn(network, values, [1, 3, SIDE, SIDE])
  const size = { width: SIDE, height: SIDE }
  const scale = SIDE / side
  const own = {
    x: SIDE - (x - left + width) * scale,
    y: (y - top) * scale,
    width: width * scale,
    height: height * scale,
  }
  const found = family.read(outputs, size, SCORE).filter(({ box }) => overlap(box, own) > OVERLAP)
  return Math.max(0, ...found.map(({ score }) => score))
}
