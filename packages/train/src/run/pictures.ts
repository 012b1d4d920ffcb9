import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import sharp from 'sharp'
import { runPaths, writeWhole } from './folder.js'

const SIDE = 112
const COLUMNS = 8
/** Images of a batch that are shown, and pictures that are kept. */
const SHOWN = 32
const KEPT = 5

const name = (step: number) => `step-${step}.jpg`
const stepOf = (file: string) => Number(/^step-(\d+)\.jpg$/.exec(file)?.[1] ?? Number.NaN)

/**
 * Writes the first images of a batch as the network is about to see them, in rows of eight, as a picture of the run; the
 * latest five are kept. @param images N x 112 x 112 x 3 (RGB, uint8) @param step steps that were made before it
 */
export async function writePicture(run: string, step: number, images: Uint8Array): Promise<void> {
  const folder = runPaths(run).pictures
  const shown = Math.min(SHOWN, images.length / (SIDE * SIDE * 3))
  const columns = Math.min(COLUMNS, shown)
  const lines = Math.ceil(shown / columns)
  const sheet = Buffer.alloc(columns * lines * SIDE * SIDE * 3, 255)
  for (let image = 0; image < shown; image++) {
    const [left, top] = [(image % columns) * SIDE, Math.floor(image / columns) * SIDE]
    for (let y = 0; y < SIDE; y++) {
      const from = (image * SIDE + y) * SIDE * 3
      sheet.set(images.subarray(from, from + SIDE * 3), ((top + y) * columns * SIDE + left) * 3)
    }
  }
  const raw = { width: columns * SIDE, height: lines * SIDE, channels: 3 } as const
  const jpeg = await sharp(sheet, { raw })
    .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
    .toBuffer()
  makeFolder(folder)
  writeWhole(join(folder, name(step)), jpeg, { isPrivate: true })
  // Of a run that was gone on with from an earlier step, those behind it are of steps that are made again.
  const steps = readdirSync(folder)
    .map(stepOf)
    .filter(Number.isInteger)
    .sort((a, b) => b - a)
  const kept = steps.filter((one) => one <= step).slice(0, KEPT)
  for (const one of steps) if (!kept.includes(one)) rmSync(join(folder, name(one)), { force: true })
}
