import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'
import sharp from 'sharp'
import type { EmbedFn } from '../embeddings/embed.js'

type Colour = readonly [number, number, number]

/** People of plain colours, from 0 to 255; a small part of each picture is of another. */
export const COLOURS: Readonly<Record<string, Colour>> = {
  ada: [220, 30, 30],
  bob: [30, 220, 30],
  cyd: [30, 30, 220],
  dee: [220, 220, 30],
}

/** A new folder with a picture of a colour for each path; `shade` (0 to 60) makes pictures of one person differ. */
export async function pictures(
  all: Readonly<Record<string, { readonly of: string; readonly shade?: number }>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
  for (const [path, { of, shade = 0 }] of Object.entries(all)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    await sharp(pixelsOf(COLOURS[of]!, shade), {
      raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 },
    })
      .png()
      .toFile(file)
  }
  return folder
}

/** The lower rows are darker by the shade. */
const pixelsOf = (colour: Colour, shade: number): Uint8Array =>
  Uint8Array.from({ length: IMAGE_BYTES }, (_, i) =>
    Math.max(0, colour[i % 3]! - (i > IMAGE_BYTES / 2 ? shade : 0)),
  )

/** Mean colours of the upper and of the lower half, less a mean grey: pictures of one colour lie close to each other. */
export const embedColours: EmbedFn = async (images, n) => {
  const rows = new Float32Array(6 * n)
  for (let image = 0; image < n; image++)
    for (let half = 0; half < 2; half++)
      for (let c = 0; c < 3; c++) {
        const start = image * IMAGE_BYTES + (half * IMAGE_BYTES) / 2
        let sum = 0
        for (let i = c; i < IMAGE_BYTES / 2; i += 3) sum += images[start + i]! - 100
        rows[6 * image + 3 * half + c] = sum / (IMAGE_BYTES / 6)
      }
  return rows
}
