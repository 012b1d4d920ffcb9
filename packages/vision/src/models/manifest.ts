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

/** What is known of a model, its thresholds say, may be newer than what was installed. */
export const newestPack = (pack: Pack): Pack =>
  registry.find((known) => sameDownloads(known, pack)) ?? pack
