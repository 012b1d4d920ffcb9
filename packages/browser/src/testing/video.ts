import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import sharp, { type OverlayOptions } from 'sharp'

/** Of the frames of `writeVideo`. */
export const SIZE = { width: 640, height: 480 }

/** A photograph in a frame: what of it lies outside is cut. */
export interface Placed {
  readonly file: string
  readonly x: number
  readonly y: number
  /** Its width in the frame. */
  readonly width: number
}

/** A video for Chromium's fake camera, which plays it again and again: one JPEG after another, on grey. */
export async function writeVideo(
  path: string,
  frames: readonly (readonly Placed[])[],
): Promise<void> {
  const background = { r: 120, g: 124, b: 128 }
  const jpegs = await Promise.all(
    frames.map(async (placed) => {
      const overlays = await Promise.all(placed.map(overlayOf))
      return sharp({ create: { ...SIZE, channels: 3, background } })
        .composite(overlays.flat())
        .jpeg({ quality: 95 })
        .toBuffer()
    }),
  )
  writeFileSync(path, Buffer.concat(jpegs))
}

async function overlayOf({ file, x, y, width }: Placed): Promise<OverlayOptions[]> {
  const { data, info } = await sharp(file).resize({ width }).toBuffer({ resolveWithObject: true })
  const [left, top] = [Math.max(0, -x), Math.max(0, -y)]
  const [right, bottom] = [
    Math.min(info.width, SIZE.width - x),
    Math.min(info.height, SIZE.height - y),
  ]
  if (right <= left || bottom <= top) return []
  const input = await sharp(data)
    .extract({ left, top, width: right - left, height: bottom - top })
    .toBuffer()
  return [{ input, left: x + left, top: y + top }]
}

/** Pictures of two drawn people who are well seen, and no more alike than strangers are. */
export async function drawnPeople(folder: string): Promise<string[]> {
  const drawn = join(folder, 'drawn')
  await synthesizeFaces(drawn, { people: 5, imagesPerPerson: 3, seed: 3, workers: 1 })
  return ['person_0002', 'person_0005'].map((name) => join(drawn, name, `${name}_0003.jpg`))
}
