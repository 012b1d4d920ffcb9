import type { Enrolled, NewFace } from './face.js'
import type { ParsedRow } from './parse.js'
import type { NewPerson } from './person.js'

/** What of a gallery an import writes to. */
export interface ImportTarget {
  addPeople(people: readonly NewPerson[]): Promise<unknown>
  add(faces: readonly NewFace[]): Promise<readonly Enrolled[]>
}

/**
 * Adds rows of an exported file. A face whose id, photograph or embedding is there is passed over, so that the same call
 * goes on after an interruption; people of the same name are the same people, and keep what they have.
 * @param thereOf those of these ids that are faces of the gallery
 * @param onProgress so many of the rows' faces are there
 * @returns faces added
 */
export async function importRows(
  target: ImportTarget,
  batches: AsyncIterable<readonly ParsedRow[]>,
  thereOf: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
  onProgress?: (done: number) => void,
): Promise<number> {
  let [faces, added] = [0, 0]
  for await (const rows of batches) {
    await target.addPeople(rows.map(({ person }) => person))
    const found = rows.flatMap(({ face }) => face ?? [])
    const there = await thereOf(found.map(({ id }) => id))
    const results = await target.add(found.filter(({ id }) => !there.has(id)))
    added += results.filter((one) => one.added).length
    faces += found.length
    onProgress?.(faces)
  }
  return added
}
