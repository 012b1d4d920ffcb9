import { z } from 'zod'
import { type Pack, packSchema } from './pack.js'
import { registry } from './registry.js'

/** Where an installed pack is described, beside its files. */
export const MANIFEST = 'pack.json'

export const manifestSchema = z.object({
  pack: packSchema,
  files: z.record(
    z.string(),
    z.object({
      size: z.int(),
      sha512: z.string(),
      /** Time of the file's last change (ms) when its sum was last found right; where the file lies on a disk. */
      changed: z.number().optional(),
    }),
  ),
})
/** A pack as it was installed, with the sizes (bytes) and sums (hexadecimal) of its files. */
export type Manifest = z.output<typeof manifestSchema>

export const sameDownloads = (a: Pack, b: Pack): boolean =>
  a.name === b.name && JSON.stringify(a.downloads) === JSON.stringify(b.downloads)

/**
 * What is known of a model, its thresholds say, may be newer than what was installed; and more files of a download may be
 * taken than were then: `Manifest.files` has those that lie there.
 */
export const newestPack = (pack: Pack): Pack =>
  registry.find((known) => coversDownloads(known, pack)) ?? pack

/** Whether all that was installed of a pack is what is known of it: the same downloads, and of each some of the files. */
const coversDownloads = (known: Pack, { name, downloads }: Pack): boolean =>
  known.name === name &&
  known.downloads.length === downloads.length &&
  known.downloads.every(({ files, ...download }, i) => {
    const { files: own, ...ofIt } = downloads[i]!
    const texts = new Set(files.map((file) => JSON.stringify(file)))
    return (
      JSON.stringify(download) === JSON.stringify(ofIt) &&
      own.every((file) => texts.has(JSON.stringify(file)))
    )
  })
