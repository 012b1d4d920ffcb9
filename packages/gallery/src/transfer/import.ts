import { type GalleryModel, importRows, type ParsedRow } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { thereIn } from '../faces/pages.js'
import type { Gallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { checkFaces, checkModel, checkPeople, modelIn, parseModel, parseRow } from '../rules.js'
import { BULK } from '../upkeep/upkeep.js'
import { openExported } from './source.js'

export interface ImportOptions {
  /** Called after a commit: so many of the file's faces are there. */
  readonly onProgress?: (done: number) => void
}

/**
 * Adds the people and faces of an exported `.jsonl` or `.parquet`. A face whose id, photograph or embedding is there is
 * passed over, so that the same call goes on after an interruption; people of the same name are the same people, and
 * keep the groups and metadata that they have. A file that was cut is refused before anything is added. Names and groups
 * that could be stored before what cannot be seen was refused come with it written out: `\\u{200b}`.
 * @returns faces added
 * @throws GalleryError GALLERY_MODEL (of another model), GALLERY_FORMAT (newer, cut, or no export), GALLERY_USE (the
 *   file's ending), and as `enroll`; what the file system throws
 */
export async function importGallery(
  gallery: Gallery,
  file: string,
  { onProgress }: ImportOptions = {},
): Promise<number> {
  const there = (ids: readonly string[]) => storeOf(gallery).read((tables) => thereIn(tables, ids))
  const added = await importRows(gallery, parsed(gallery.model, file), there, onProgress)
  if (added >= BULK) await gallery.tidy()
  return added
}

/**
 * Reads an exported file whole and adds nothing: what `importGallery` would refuse of it after many commits is refused
 * here. @param model of the gallery that it is for @returns its rows @throws as `importGallery`
 */
export async function checkExported(model: GalleryModel, file: string): Promise<number> {
  let count = 0
  for await (const rows of parsed(model, file)) {
    checkPeople(rows.map(({ person }) => person))
    checkFaces(
      rows.flatMap(({ face }) => face ?? []),
      model.dim,
    )
    count += rows.length
  }
  return count
}

async function* parsed(model: GalleryModel, file: string): AsyncGenerator<ParsedRow[]> {
  let [first, done] = [true, 0]
  for await (const { header, rows } of openExported(file)) {
    if (first) checkModel(model, parseModel(modelIn(header, file), file), 'the gallery')
    first = false
    yield rows.map((value, i) => parseRow(value, `${file}: row ${done + i + 1}`, model.dim))
    done += rows.length
  }
}

/** The model of an exported file's embeddings. @throws GalleryError GALLERY_FORMAT, GALLERY_USE */
export async function exportedModel(file: string): Promise<GalleryModel> {
  for await (const { header } of openExported(file)) return parseModel(modelIn(header, file), file)
  throw new GalleryError('GALLERY_FORMAT', `${file} is empty`)
}
