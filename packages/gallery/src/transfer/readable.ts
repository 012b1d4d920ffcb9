import { OutputFile } from '@arcface/files'
import { EXPORT_FORMAT, type PersonRow, rowWithoutFace } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { parseModel } from '../rules.js'
import { placeOf } from '../store/place.js'
import type { FaceRow, StoredFace } from '../store/rows.js'
import type { StoreOptions } from '../store/store.js'
import { type About, connect, openerOf, openVault } from '../store/tables.js'
import { checkGallery, readRows, type TableCheck } from '../upkeep/check.js'
import { rotationOf } from '../vault/rotation.js'
import { exportedFace } from './rows.js'
import { named, sinkOf } from './sink.js'

/**
 * Writes what can be read of a damaged gallery, as `exportGallery`; a face whose person cannot be read goes under
 * `unknown person` and the first letters of the person's id.
 * @returns faces written
 * @throws GalleryError GALLERY_DAMAGED (nothing can be read, or not which model it is of), GALLERY_KEY; as `checkGallery` and
 *   `exportGallery`
 */
export async function exportReadable(
  path: string | URL,
  file: string,
  { key, rotation: given }: Pick<StoreOptions, 'key' | 'rotation'> = {},
): Promise<number> {
  const where = placeOf(path)
  const open = sinkOf(file)
  const { gallery, people, faces } = await checkGallery(where, { key })
  const lost = [gallery, faces].find(({ readable, rows }) => readable === 0 && rows !== 0)
  if (lost) throw new GalleryError('GALLERY_DAMAGED', `${where}: ${lost.trouble}`)
  const db = await connect(where)
  let opener = (name: 'gallery' | 'people' | 'faces') => db.openTable(name)
  const rowsOf = async function* <T>(
    name: 'gallery' | 'people' | 'faces',
    { ranges }: TableCheck,
    columns?: readonly string[],
  ): AsyncGenerator<T[]> {
    if (ranges.length === 0) return
    const table = await opener(name)
    for (const range of ranges) yield await readRows<T>(table, range, columns)
    table.close()
  }
  try {
    let about: About | undefined
    for await (const [row] of rowsOf<About>('gallery', gallery)) about = row
    const model = parseModel(JSON.parse(String(about?.model)), where)
    const vault = about && (await openVault(about, where, where, key))
    if (vault) opener = await openerOf(db, vault, model.dim)
    const rotation = await rotationOf(about?.rotation, model.dim, given, where)
    const known = new Map<string, PersonRow>()
    for await (const rows of rowsOf<PersonRow>('people', people))
      for (const row of rows) known.set(row.id, row)
    const owners = new Set<string>()
    for await (const rows of rowsOf<Pick<FaceRow, 'person'>>('faces', faces, ['person']))
      for (const { person } of rows) owners.add(person)
    const alone = [...known.values()].filter(({ id }) => !owners.has(id)).map(rowWithoutFace)
    const header = {
      format: EXPORT_FORMAT,
      model,
      rows: alone.length + faces.readable,
    }
    return await named(file, async () => {
      using output = new OutputFile(file, { isPrivate: true })
      const sink = await open(output, header)
      await sink.add(alone)
      for await (const rows of rowsOf<StoredFace>('faces', faces))
        await sink.add(
          rows.map((face) =>
            exportedFace(face, known.get(face.person) ?? stranger(face), rotation),
          ),
        )
      await sink.close()
      await output.commitAsync()
      return faces.readable
    })
  } finally {
    db.close()
  }
}

const stranger = ({ person, groups, added }: StoredFace): PersonRow => ({
  id: person,
  name: `unknown person ${person.slice(0, 8)}`,
  groups: Array.from(groups),
  metadata: '{}',
  added,
})
