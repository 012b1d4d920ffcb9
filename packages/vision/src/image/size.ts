/** Side of an aligned face, in pixels. */
export const IMAGE_SIZE = 112
/** Bytes of an aligned face: RGB, rows of pixels (HWC), uint8. */
export const IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE * 3
