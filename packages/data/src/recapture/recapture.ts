import { type Photo, Random } from '@arcface/vision'
import { DataError } from '../errors.js'
import { atLeast } from '../options.js'
import { cutoutRecapture } from './cutout.js'
import type { FacePlace } from './face.js'
import { printRecapture } from './print.js'
import { replayRecapture } from './replay.js'
import { drawScreen, photographScreen } from './screen.js'

/** What the names of all species that are drawn here begin with. */
export const SIMULATED = 'simulated-'

/** The species of recaptures that can be drawn. Drawings: they tell nothing of how a detector does with real ones. */
export const RECAPTURES = [
  `${SIMULATED}print`,
  `${SIMULATED}screen`,
  `${SIMULATED}cutout`,
  `${SIMULATED}replay`,
] as const
export type Recapture = (typeof RECAPTURES)[number]

const DRAW: Record<Recapture, (photo: Photo, face: FacePlace, random: Random) => Photo[]> = {
  'simulated-print': (...all) => [printRecapture(...all)],
  'simulated-screen': (photo, face, random) => [
    photographScreen(drawScreen(face, random), { photo, dx: 0, dy: 0, band: null }, random),
  ],
  'simulated-cutout': (...all) => [cutoutRecapture(...all)],
  'simulated-replay': (...all) => replayRecapture(...all),
}

/**
 * Draws what a camera might see of a photograph that somebody holds before it: a print, a screen, a print with the eyes cut
 * out, or the frames of a video on a screen. Of each the colours, the pose and the faults depend on the seed, the species
 * and the number alone.
 * @param face where the face is, with the eyes among its points
 * @param number of the photograph, so that no two are alike
 * @returns one picture, of a video its frames; RGB, somewhat larger than the photograph where a border is seen
 * @throws DataError DATA_OPTION
 */
export function recapture(
  photo: Photo,
  face: FacePlace,
  species: Recapture,
  { seed, number }: { readonly seed: number; readonly number: number },
): Photo[] {
  atLeast('seed', seed, 0)
  atLeast('number', number, 0)
  const place = RECAPTURES.indexOf(species)
  if (place < 0)
    throw new DataError(
      'DATA_OPTION',
      `species is one of ${RECAPTURES.join(', ')}, not ${species}.`,
    )
  if (face.points.length < 2 || !(face.box.width > 0 && face.box.height > 0))
    throw new DataError('DATA_OPTION', 'A face has a box and two eyes or more points.')
  return DRAW[species](photo, face, new Random(seed, place, number))
}
