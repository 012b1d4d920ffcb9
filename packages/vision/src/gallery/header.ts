import type { GalleryModel } from './model.js'
import type { GalleryRefusal } from './refuse.js'

/** Of exported files. 1 had neither people without faces, nor dates, nor a count of its rows. */
export const EXPORT_FORMAT = 2

export interface ExportHeader {
  readonly format: number
  readonly model: GalleryModel
  /** In the file, so that one that was cut is known. */
  readonly rows: number
}

/** Rules of an exported file's first line. */
export const headerRules = (refuse: GalleryRefusal) => {
  /** What a header says of the model. Throws FORMAT: none, or newer. */
  function modelIn(header: unknown, file: string): unknown {
    const { format, model } = (header ?? {}) as { format?: unknown; model?: unknown }
    if (typeof format !== 'number')
      throw refuse('FORMAT', `${file} is no exported gallery: it has no header`)
    if (format > EXPORT_FORMAT)
      throw refuse(
        'FORMAT',
        `${file} has format ${format}; this version reads up to ${EXPORT_FORMAT}. Install a newer one.`,
      )
    return model
  }

  /** Throws FORMAT: newer, or the file has not the rows that it says. */
  function checkRows(header: unknown, rows: number, file: string): void {
    modelIn(header, file)
    const { format, rows: said } = header as { format: number; rows?: unknown }
    if (format < 2 || said === rows) return
    throw refuse(
      'FORMAT',
      `${file} holds ${rows} rows of the ${said} that it says: it was cut or changed. Export again, or take another copy.`,
    )
  }

  return { modelIn, checkRows }
}
