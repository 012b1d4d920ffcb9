import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import { IMAGE_SIZE } from '@arcface/vision'
import sharp from 'sharp'
import { writeWhole } from '../run/folder.js'
import type { InversionAudit } from './audit.js'
import { type InversionFigures, inversionFigures } from './figures.js'
import { inversionReport } from './report.js'

const PRIVATE = { isPrivate: true }

/**
 * Writes what is known of an audit into a folder, for its owner alone: `inversion.json`, `report.html` and the last picture of
 * everybody in `pictures/`. Files of the same name are replaced.
 * @param facts what was attacked, by what it was judged, as the page tells it
 * @returns the files for people and programs to read
 * @throws TrainError TRAIN_DISK_FULL; FilesError FILES_WRITE
 */
export async function writeInversion(
  folder: string,
  audit: InversionAudit,
  facts: readonly (readonly [string, string])[],
): Promise<string[]> {
  const pictures = join(folder, 'pictures')
  makeFolder(pictures, 0o700)
  for (const { set, protection, drawn } of audit.attacks)
    for (const { target, stages } of drawn) {
      const name = `${set}-${protection.replace('=', '')}-${audit.targets.indexOf(target) + 1}.png`
      writeWhole(join(pictures, name), await encoded(stages.at(-1)!.image).png().toBuffer(), {
        ...PRIVATE,
        flushed: false,
      })
    }
  const shown = new Map<Uint8Array, string>()
  for (const pixels of picturesOf(audit)) {
    const jpeg = await encoded(pixels).jpeg({ quality: 88 }).toBuffer()
    shown.set(pixels, `data:image/jpeg;base64,${jpeg.toString('base64')}`)
  }
  const files = {
    'inversion.json': `${JSON.stringify(jsonOf(audit), null, 2)}\n`,
    'report.html': inversionReport(audit, facts, (pixels) => shown.get(pixels)!),
  }
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name)
    writeWhole(path, text, PRIVATE)
    return path
  })
}

/** The figures with what they are of, person by person. */
export function jsonOf(audit: InversionAudit): InversionFigures & Record<string, unknown> {
  const { settings, start, hasBatchNorm, points, source, targets, attacks } = audit
  const { steps, seed, lr, batchNorm, totalVariation, length, shift } = settings
  return {
    ...inversionFigures(audit),
    settings: { steps, seed, lr, batchNorm, totalVariation, length, shift, start, hasBatchNorm },
    judge: { points, source },
    people: targets.map(({ person, group, others }) => ({
      person,
      group,
      photographs: others.length + 1,
    })),
    pictures: attacks.flatMap(({ set, protection, drawn }) =>
      drawn.map(({ target, stages }) => {
        const { step, reached, others, same } = stages.at(-1)!
        return { set, protection, person: target.person, step, reached, others, same }
      }),
    ),
  }
}

const encoded = (pixels: Uint8Array) =>
  sharp(pixels, { raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } })

function* picturesOf({ attacks }: InversionAudit): Generator<Uint8Array> {
  for (const { drawn } of attacks)
    for (const { target, stages } of drawn) {
      yield target.source
      for (const { image } of stages) yield image
    }
}
