import sharp from 'sharp'
import type { Photo } from '../photo/photo.js'
import type { Detection } from './detection.js'

/**
 * Writes a photograph with boxes and points drawn into it; the ending of `path` says in which format.
 * @throws what sharp throws for a file that cannot be written
 */
export async function drawFaces(
  { width, height, pixels }: Photo,
  faces: readonly Detection[],
  path: string,
): Promise<void> {
  const pen = Math.max(1, Math.max(width, height) / 400)
  const shapes = faces.map(({ box, points }) => {
    const dots = points.map(
      ({ x, y }) => `<circle cx="${x}" cy="${y}" r="${1.5 * pen}" fill="#ff0"/>`,
    )
    return `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="none" stroke="#0f0" stroke-width="${pen}"/>${dots.join('')}`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }])
    .toFile(path)
}
