import { GalleryError } from '../errors.js'

/** By the ending of its name. @throws GalleryError GALLERY_USE */
export function kindOfFile(file: string): 'jsonl' | 'parquet' {
  if (typeof file === 'string' && file.endsWith('.jsonl')) return 'jsonl'
  if (typeof file === 'string' && file.endsWith('.parquet')) return 'parquet'
  throw new GalleryError('GALLERY_USE', `${file}: the name must end in .jsonl or .parquet`)
}
