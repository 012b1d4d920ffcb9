import type { GalleryErrorCode } from '@arcface/gallery'
import type { VisionErrorCode } from '@arcface/vision'

/** What to do about an error, in the words of commands, where the library's own hint speaks of its functions. */
const HINTS: Partial<Record<GalleryErrorCode | VisionErrorCode, string>> = {
  GALLERY_DAMAGED:
    'Copy the folder first; arcface gallery check says what is readable, and arcface gallery export --readable saves that; otherwise take a backup.',
  GALLERY_DISK_FULL:
    'Make room; then do the rest again, or after a deletion: arcface gallery purge.',
  GALLERY_FACE: 'arcface gallery show names those of a person.',
  VISION_POOR_FACE:
    'Take a better photograph, or set other limits (--min-eyes, --min-sharpness, --any-quality).',
}

/** Of an error that has a hint, or none. */
export const hintOf = (code: unknown, hint: string | undefined): string | undefined =>
  hint === undefined ? undefined : (HINTS[code as keyof typeof HINTS] ?? hint)
