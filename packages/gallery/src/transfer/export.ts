import { OutputFile } from '@arcface/files'
import { EXPORT_FORMAT, type PersonRow, rowWithoutFace } from '@arcface/vision'
import { type GalleryReader, storeOf } from '../gallery/reader.js'
import { faceCounts } from '../people/pages.js'
import type { Table } from '../store/lance.js'
import type { StoredFace } from '../store/rows.js'
import type { Tables } from '../store/tables.js'
import { exportedFace } from './rows.js'
import { named, sinkOf } from './sink.js'

export interface ExportOptions {
  /** Ends the export, which leaves no file then. */
  readonly signal?: AbortSignal
}

/**
 * Writes all people with their faces to a `.jsonl` (a header, then a line a face or person without one, thumbnails in
 * base64) or a `.parquet`; under another name first, so that a file of the right name is whole; readable by its owner
 * only. What is written is the gallery at one moment.
 * @returns faces written
 * @throws GalleryError GALLERY_KEY, GALLERY_USE (the file's ending), GALLERY_EXPORT (the file cannot be written: a full disk, no
 *   such folder), the signal's reason, and as the gallery's reading
 */
export async function exportGallery(
  gallery: GalleryReader,
  file: string,
  { signal }: ExportOptions = {},
): Promise<number> {
  const writing = <T>(work: () => Promise<T>) => named(file, work)
  const open = sinkOf(file)
  const { rotation } = storeOf(gallery)
  const written = await writing(async () => {
    using output = new OutputFile(file, { isPrivate: true })
    const faces = await storeOf(gallery).read((tables) =>
      atOneMoment(tables, async (people, faces) => {
        const counts = await faceCounts(faces, 'all')
        const alone = [...people.values()].filter(({ id }) => !counts.has(id)).map(rowWithoutFace)
        let total = 0
        for (const id of people.keys()) total += counts.get(id) ?? 0
        const header = { format: EXPORT_FORMAT, model: gallery.model, rows: alone.length + total }
        const sink = await writing(() => open(output, header))
        await writing(() => sink.add(alone))
        for await (const batch of faces.query()) {
          if (signal?.aborted) break
          const rows = [...(batch as Iterable<StoredFace>)].flatMap((face) => {
            const person = people.get(face.person)
            return person ? [exportedFace(face, person, rotation)] : []
          })
          await writing(() => sink.add(rows))
        }
        await writing(() => sink.close())
        return total
      }),
    )
    if (signal?.aborted) return undefined
    await output.commitAsync()
    return faces
  })
  if (written === undefined) throw signal?.reason
  return written
}

/** People by id, and the table of faces as it was when they were those. */
async function atOneMoment<T>(
  tables: Tables,
  work: (people: ReadonlyMap<string, PersonRow>, faces: Table) => Promise<T>,
): Promise<T> {
  // In this order: whoever has a face then was among the people before it.
  const version = await tables.faces.version()
  const people = (await tables.people.query().toArray()) as PersonRow[]
  return tables.at('faces', version, (faces) =>
    work(new Map(people.map((row) => [row.id, row])), faces),
  )
}
