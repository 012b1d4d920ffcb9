import type { Face, Photo } from '@arcface/vision'
import type { Command } from 'commander'
import { DEFAULT_MODEL } from '../model/open.js'
import { addQuality, type QualityOptions, qualityOption } from '../model/quality.js'
import { maxPixelsOption } from '../model/recognizer.js'
import { writeOut } from '../terminal/printable.js'
import { counted } from '../terminal/words.js'

interface Options extends QualityOptions {
  detector: string
  out?: string
  small?: boolean
  maxPixels?: number
  json?: boolean
}

export function register(program: Command): void {
  const detect = program
    .command('detect')
    .description('The faces of a photograph: boxes, five points, quality')
    .argument('<photo>', 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP')
    .option('--detector <model>', 'a model pack, or an ONNX file: YuNet, SCRFD', DEFAULT_MODEL)
    .option('--small', 'look for small faces too: five times the work')
    .option('--out <picture>', 'the photograph with boxes and points drawn into it')
    .addOption(maxPixelsOption())
    .option('--json', 'print the result as one JSON object; angles in radians')
  addQuality(detect)
    .addHelpText('after', '\nExample:\n  $ arcface detect party.jpg --small --out faces.jpg')
    .action(run)
}

async function run(path: string, options: Options): Promise<void> {
  const { detector, out, small, maxPixels, json } = options
  const { FaceFinder } = await import('@arcface/vision')
  const { drawFaces, openDetector, readPhoto, resolveDetector } = await import('@arcface/recognize')
  const photo = await readPhoto(path, { maxPixels })
  const { path: file, landmarks } = await resolveDetector(detector, detector)
  const finder = new FaceFinder(await openDetector(file, { landmarks }), qualityOption(options))
  try {
    const found = await finder.find(photo, { small: small === true })
    const faces = found.map(({ pixels: _, ...face }) => face)
    if (out !== undefined) await drawFaces(photo, faces, out)
    const { width, height } = photo
    writeOut(
      json
        ? `${JSON.stringify({ photo: path, width, height, detector: finder.kind, faces })}\n`
        : table(photo, faces),
    )
  } finally {
    await finder.close()
  }
}

const degrees = (radians: number) => `${Math.round((radians * 180) / Math.PI)}`.padStart(4)

function table({ width, height }: Photo, faces: readonly Face[]): string {
  const title = `${counted(faces.length, 'face')} in ${width} x ${height} pixels\n`
  if (faces.length === 0) return title
  const rows = faces.map(({ box, score, quality, rejected }) => {
    const { eyes, sharpness, plausibility, yaw, pitch, roll } = quality
    const place = [box.x, box.y, box.width, box.height].map((value) => value.toFixed(0))
    return `${place.map((value) => value.padStart(6)).join('')}  ${score.toFixed(2)}  ${eyes.toFixed(0).padStart(4)}  ${sharpness.toFixed(0).padStart(9)}  ${plausibility.toFixed(2).padStart(9)}  ${degrees(yaw)} ${degrees(pitch)} ${degrees(roll)}  ${rejected.join(', ')}`.trimEnd()
  })
  const header =
    '     x     y width height score eyes  sharpness  plausible   yaw pitch roll  rejected'
  return `${title}${[header, ...rows].join('\n')}\n`
}
