import { join } from 'node:path'
import type { Html } from '@arcface/evaluate/report'
import { makeFolder, writeWhole } from '@arcface/files'
import sharp from 'sharp'
import { writeError } from '../run/folder.js'

/** A drawing; `name` becomes the file's. */
export interface Picture {
  name: string
  svg: Html
  /** The frames of an animation as SVGs of one size, with how long each stays in milliseconds. */
  frames?: { svgs: readonly Html[]; delays: readonly number[] }
}

/** One self-contained page and the drawings in it. */
export interface GeometryPage {
  name: string
  html: string
  pictures: readonly Picture[]
}

/** Dots an inch at which an SVG's pixel becomes two of the PNG's. */
const DENSITY = 144

/**
 * Writes `name.html`, and each drawing as SVG and PNG, an animation as WebP too, into a folder that is made if it is
 * missing; files of the same name are replaced.
 * @returns the files, in the order written
 * @throws TrainError TRAIN_DISK_FULL; FilesError FILES_WRITE
 */
export async function writeGeometry(
  folder: string,
  { name, html, pictures }: GeometryPage,
): Promise<string[]> {
  const files: string[] = []
  const write = (file: string, content: string | Buffer) => {
    const path = join(folder, file)
    try {
      makeFolder(folder)
      writeWhole(path, content)
    } catch (cause) {
      throw writeError(path, cause)
    }
    files.push(path)
  }
  write(`${name}.html`, html)
  for (const picture of pictures) {
    write(`${picture.name}.svg`, picture.svg.toString())
    write(`${picture.name}.png`, await toPng(picture.svg))
    if (picture.frames) write(`${picture.name}.webp`, await toWebp(picture.frames))
  }
  return files
}

const toPng = (svg: Html): Promise<Buffer> =>
  sharp(Buffer.from(svg.toString()), { density: DENSITY })
    .flatten({ background: '#fff' })
    .png({ palette: true })
    .toBuffer()

async function toWebp({ svgs, delays }: NonNullable<Picture['frames']>): Promise<Buffer> {
  const frames: Buffer[] = []
  for (const svg of svgs)
    frames.push(
      await sharp(Buffer.from(svg.toString())).flatten({ background: '#fff' }).png().toBuffer(),
    )
  return sharp(frames, { join: { animated: true } })
    .webp({ quality: 60, loop: 0, delay: [...delays] })
    .toBuffer()
}
