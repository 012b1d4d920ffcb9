/** What becomes of x and y of a picture of `width` x `height`: a canvas's matrix for each orientation of EXIF. */
const MATRICES: readonly ((width: number, height: number) => readonly number[])[] = [
  () => [1, 0, 0, 1, 0, 0],
  (width) => [-1, 0, 0, 1, width, 0],
  (width, height) => [-1, 0, 0, -1, width, height],
  (_, height) => [1, 0, 0, -1, 0, height],
  () => [0, 1, 1, 0, 0, 0],
  (_, height) => [0, 1, -1, 0, height, 0],
  (width, height) => [0, -1, -1, 0, height, width],
  (width) => [0, -1, 1, 0, 0, width],
]
/** From here on what was beside stands above. */
const FIRST_TURNED = 5

/**
 * The pixels of a picture, upright by an orientation of EXIF (1 to 8), transparency on black.
 * @param strips of the picture, `width` x `height` together, from its top to its bottom
 */
export function uprightPixels(
  strips: readonly ImageBitmap[],
  width: number,
  height: number,
  orientation: number,
): ImageData {
  const [across, down] = orientation < FIRST_TURNED ? [width, height] : [height, width]
  const context = new OffscreenCanvas(across, down).getContext('2d', {
    // What is transparent lies on black.
    alpha: false,
    willReadFrequently: true,
  })!
  context.setTransform(...(MATRICES[orientation - 1]!(width, height) as Matrix))
  let top = 0
  for (const strip of strips) {
    context.drawImage(strip, 0, top)
    top += strip.height
  }
  return context.getImageData(0, 0, across, down)
}

type Matrix = [number, number, number, number, number, number]
