import { GalleryError } from '../errors.js'
import type { GalleryModel } from '../store/model.js'

/** Of exported files. 1 had neither people without faces, nor dates, nor a count of its rows. */
export const EXPORT_FORMAT = 2

export interface ExportHeader {
  format: number
  model: GalleryModel
  /** In the file, so that one that was cut is known. */
  rows: number
}

/** What a header says of the model. @throws GalleryError GALLERY_FORMAT: none, or newer */
export function modelOf(header: unknown, file: string): unknown {
  const { format, model } = (header ?? {}) as { format?: unknown; model?: unknown }
  if (typeof format !== 'number')
    throw new GalleryError('GALLERY_FORMAT', `${file} is no exported gallery: it has no header`)
  if (format > EXPORT_FORMAT)
    throw new GalleryError(
      'GALLERY_FORMAT',
      `${file} has format ${format}; this version reads up to ${EXPORT_FORMAT}. Install a newer one.`,
    )
  return model
}

/** @throws GalleryError GALLERY_FORMAT: newer, or the file has not the rows that it says */
export function checkRows(header: unknown, rows: number, file: string): void {
  modelOf(header, file)
  const { format, rows: said } = header as { format: number; rows?: unknown }
  if (format < 2 || said === rows) return
  throw new GalleryError(
    'GALLERY_FORMAT',
    `${file} holds ${rows} rows of the ${said} that it says: it was cut or changed. Export again, or take another copy.`,
  )
}

/** By the ending of its name. @throws GalleryError GALLERY_USE */
export function kindOfFile(file: string): 'jsonl' | 'parquet' {
  if (typeof file === 'string' && file.endsWith('.jsonl')) return 'jsonl'
  if (typeof file === 'string' && file.endsWith('.parquet')) return 'parquet'
  throw new GalleryError('GALLERY_USE', `${file}: the name must end in .jsonl or .parquet`)
}
