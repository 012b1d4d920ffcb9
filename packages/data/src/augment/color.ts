import { IMAGE_BYTES } from '@arcface/vision'

// What each function changes, it changes in place, rounded and clamped to 0..255.

/** About mid-grey: contrast is a factor, brightness a fraction of white. */
export function adjust(out: Uint8Array, brightness: number, contrast: number): void {
  const table = new Uint8ClampedArray(256)
  for (let v = 0; v < 256; v++) table[v] = (v - 127.5) * contrast + 127.5 + brightness * 255
  applyTable(out, table)
}

/** Luma of ITU-R BT.601 in 1/256. */
export function dropColour(out: Uint8Array): void {
  for (let i = 0; i < IMAGE_BYTES; i += 3) {
    const luma = (77 * out[i]! + 150 * out[i + 1]! + 29 * out[i + 2]! + 128) >> 8
    out[i] = luma
    out[i + 1] = luma
    out[i + 2] = luma
  }
}

// The three of torchvision's ColorJitter, by the formulas of its adjust_brightness, adjust_contrast and
// adjust_saturation; luma of ITU-R BT.601.

/** v * factor */
export function scaleBrightness(out: Uint8Array, factor: number): void {
  const table = new Uint8ClampedArray(256)
  for (let v = 0; v < 256; v++) table[v] = v * factor
  applyTable(out, table)
}

/** mean + (v - mean) * factor, of the image's mean luma. */
export function scaleContrast(out: Uint8Array, factor: number): void {
  const sums = [0, 0, 0]
  for (let i = 0; i < IMAGE_BYTES; i += 3) {
    sums[0]! += out[i]!
    sums[1]! += out[i + 1]!
    sums[2]! += out[i + 2]!
  }
  const mean = luma(sums[0]!, sums[1]!, sums[2]!) / (IMAGE_BYTES / 3)
  const table = new Uint8ClampedArray(256)
  for (let v = 0; v < 256; v++) table[v] = mean + (v - mean) * factor
  applyTable(out, table)
}

/** luma + (v - luma) * factor, of each pixel's own luma. */
export function scaleSaturation(out: Uint8Array, factor: number): void {
  const clamped = new Uint8ClampedArray(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < IMAGE_BYTES; i += 3) {
    const grey = luma(out[i]!, out[i + 1]!, out[i + 2]!) * (1 - factor)
    clamped[i] = grey + out[i]! * factor
    clamped[i + 1] = grey + out[i + 1]! * factor
    clamped[i + 2] = grey + out[i + 2]! * factor
  }
}

const luma = (red: number, green: number, blue: number) =>
  0.299 * red + 0.587 * green + 0.114 * blue

function applyTable(out: Uint8Array, table: Uint8ClampedArray): void {
  for (let i = 0; i < IMAGE_BYTES; i++) out[i] = table[out[i]!]!
}
