/** Pixels that the page's thread copies in one go, a fourth of a frame; a larger picture goes in parts, with frames between. */
const AT_ONCE = 1.5e6

/** @returns the picture of an <img> that is decoded, in strips from its top to its bottom, to be closed */
export async function stripsOf(image: HTMLImageElement): Promise<ImageBitmap[]> {
  const { naturalWidth: width, naturalHeight: height, currentSrc } = image
  // What `srcset` chooses has more pixels than it says.
  if (width * height <= AT_ONCE || currentSrc !== image.src) return [await createImageBitmap(image)]
  const strips: ImageBitmap[] = []
  const rows = Math.ceil(AT_ONCE / width)
  try {
    for (let top = 0; top < height; top += rows) {
      if (top > 0) await frame()
      if (image.currentSrc !== currentSrc) throw new Error('the <img> shows another image by now')
      const canvas = new OffscreenCanvas(width, Math.min(rows, height - top))
      // It is read again in the worker, and what is transparent lies on black.
      const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })!
      context.drawImage(image, 0, -top)
      strips.push(canvas.transferToImageBitmap())
    }
    return strips
  } catch (error) {
    for (const strip of strips) strip.close()
    throw error
  }
}

/** A copy of `bytes`, `channels` of which are a pixel. */
export async function copyOf(
  bytes: Uint8Array | Uint8ClampedArray,
  channels: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const copy = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at += AT_ONCE * channels) {
    if (at > 0) await frame()
    copy.set(bytes.subarray(at, at + AT_ONCE * channels), at)
  }
  return copy
}

/** Lets the page do what is due. */
const frame = () => new Promise<void>((resolve) => setTimeout(resolve))
