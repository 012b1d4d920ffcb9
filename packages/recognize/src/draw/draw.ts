import { extname } from 'node:path'
import { writeWhole } from '@arcface/files'
import type { Detection, Photo } from '@arcface/vision'
import sharp from 'sharp'
import { RecognizeError } from '../errors.js'

const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const

/**
 * Writes a photograph with boxes and points drawn into it; the ending of `path` says in which format.
 * @throws RecognizeError RECOGNIZE_USE for another ending; what the file system throws
 */
export async function drawFaces(
  { width, height, pixels }: Photo,
  faces: readonly Detection[],
  path: string,
): Promise<void> {
  const ending = extname(path).slice(1).toLowerCase()
  const format = FORMATS.find((one) => one === ({ jpg: 'jpeg', tif: 'tiff' }[ending] ?? ending))
  if (format === undefined)
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `${path}: the name must end in .${FORMATS.join(', .')}`,
    )
  const pen = Math.max(1, Math.max(width, height) / 400)
  const shapes = faces.map(({ box, points }) => {
    const dots = points.map(
      ({ x, y }) => `<circle cx="${x}" cy="${y}" r="${1.5 * pen}" fill="#ff0"/>`,
    )
    return `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="none" stroke="#0f0" stroke-width="${pen}"/>${dots.join('')}`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`
  const picture = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }])
    .toFormat(format)
    .toBuffer()
  writeWhole(path, picture, { isPrivate: true })
}
