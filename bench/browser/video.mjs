// A video for Chromium's fake camera (--use-file-for-fake-video-capture): photographs with a face each that move over a
// grey wall and come back to where they began, as frames of MJPEG, which Chromium plays in a circle, 30 a second.
import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { finished } from 'node:stream/promises'

const sharp = createRequire(new URL('../../packages/recognize/package.json', import.meta.url))(
  'sharp',
)
const [WIDTH, HEIGHT] = [640, 480]
/** Of a picture, beside one another. */
const HEIGHTS = { 1: 360, 5: 190 }
const PLACES = {
  1: [[0.5, 0.5]],
  5: [
    [0.2, 0.27],
    [0.5, 0.27],
    [0.8, 0.27],
    [0.34, 0.75],
    [0.67, 0.75],
  ],
}
/** How far a picture goes from its place, pixels. */
const WAY = 18

/**
 * @param photos as many files as there shall be faces: one or five
 * @param frames until it begins again
 */
export async function writeVideo(file, photos, frames = 90) {
  const pictures = await Promise.all(
    photos.map((photo) =>
      sharp(photo)
        .resize({ height: HEIGHTS[photos.length], width: Math.round(WIDTH / 3.6), fit: 'cover' })
        .toBuffer({ resolveWithObject: true }),
    ),
  )
  const out = createWriteStream(file)
  for (let frame = 0; frame < frames; frame++) {
    const turn = (2 * Math.PI * frame) / frames
    const layers = pictures.map(({ data, info }, i) => {
      const [x, y] = PLACES[photos.length][i]
      return {
        input: data,
        left: Math.round(x * WIDTH - info.width / 2 + WAY * Math.cos(turn + i)),
        top: Math.round(y * HEIGHT - info.height / 2 + WAY * Math.sin(2 * turn + i)),
      }
    })
    out.write(
      await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#8a8a88' } })
        .composite(layers)
        .jpeg({ quality: 92, chromaSubsampling: '4:2:0' })
        .toBuffer(),
    )
  }
  out.end()
  await finished(out)
}
