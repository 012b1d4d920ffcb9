import { join } from 'node:path'
import type { People } from '@arcface/data'
import { makeFolder, npyRows, OutputFile, writeWhole } from '@arcface/files'
import { principalComponents } from '../../embeddings/principal.js'
import type { SuspectPoints, SuspectsFile } from '../../suspects/format.js'
import type { AssignedGroups } from '../groups/assign.js'
import { placed } from './finding.js'
import type { Suspects } from './suspects.js'

/** What was looked through, and by what. */
export type SuspectFiles = Pick<SuspectsFile, 'roots' | 'list' | 'model' | 'run' | 'against'>

/** Whom faces are of, and embeddings. */
const PRIVATE = { isPrivate: true }
/** Components that are written: enough for a neighbourhood map of faces (UMAP), and the first two are one at once. */
const COMPONENTS = 50

/**
 * Writes what was found into a folder:
 * - `suspects.json`: what was looked through, the findings and examples of the people that they name.
 * - `points.json`: of every image that can be decoded, in columns, its path, first byte (records) and person (a number in
 *   `people`), degrees to the own and to the nearest other person, sharpness, noise and flatness, and what it falls short of.
 * - `embeddings.npy` (float32, a row an image, of length 1) and `components.npy` (their principal components).
 * @param groups of the set's images, by column: they come to lie in `points.json` too
 * @throws FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function writeSuspects(
  folder: string,
  about: SuspectFiles,
  set: People,
  { findings, examples, looked, angles }: Suspects,
  groups: AssignedGroups['values'] = {},
): Promise<void> {
  makeFolder(folder, 0o700)
  const { rows, dim, places, texture } = looked
  const { coordinates, count, shares } = principalComponents(rows, Math.max(dim, 1), COMPONENTS)
  await writeRows(join(folder, 'embeddings.npy'), rows, dim)
  await writeRows(join(folder, 'components.npy'), coordinates, count)
  const images = places.map((place) => placed(set, place))
  const points: SuspectPoints = {
    people: set.classes,
    person: places.map((place) => set.samples[place]!.label),
    path: images.map(({ path }) => path),
    offset: images.some(({ offset }) => offset !== undefined)
      ? images.map(({ offset }) => offset ?? null)
      : null,
    own: figures(angles.own),
    nearest: figures(angles.nearest),
    other: [...angles.other],
    sharpness: figures(texture.map(({ sharpness }) => sharpness)),
    noise: figures(texture.map(({ noise }) => noise)),
    flat: figures(texture.map(({ flat }) => flat)),
    rejected: texture.map(({ rejected }) => rejected.join(' ')),
    shares: [...shares],
    groups: Object.fromEntries(
      Object.entries(groups).map(([column, values]) => [
        column,
        places.map((place) => values[place]!),
      ]),
    ),
  }
  writeWhole(join(folder, 'points.json'), JSON.stringify(points), PRIVATE)
  const counts = { people: set.classes.length, images: set.samples.length }
  const whole: SuspectsFile = { version: 1, ...about, ...counts, findings, examples }
  writeWhole(join(folder, 'suspects.json'), JSON.stringify(whole), PRIVATE)
}

/** JSON has no NaN: null, of a person's only image. */
const figures = (values: Iterable<number>) =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : Math.round(value * 100) / 100))

async function writeRows(path: string, rows: Float32Array, dim: number): Promise<void> {
  using file = new OutputFile(path, PRIVATE)
  const sink = npyRows(file, dim)
  for (let at = 0; at < rows.length; at += dim)
    await sink.add([{ embedding: rows.subarray(at, at + dim) }])
  await sink.close()
  file.commit()
}
