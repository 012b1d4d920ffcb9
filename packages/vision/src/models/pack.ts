import { preprocessingSchema, thresholdsSchema } from '@arcface/onnx'
import { z } from 'zod'
import { livenessSchema } from '../liveness/part.js'

/** Hexadecimal; sha256 where that is all the authors publish. */
const checksum = z
  .string()
  .regex(
    /^(sha512:[0-9a-f]{128}|sha256:[0-9a-f]{64})$/,
    'sha512: or sha256: and hexadecimal digits',
  )
/** One folder deep, so that no name leads elsewhere; and no name that JavaScript's objects have. */
const plainName = z
  .string()
  .regex(/^[A-Za-z\d][\w.-]*$/, 'a letter or digit, then letters, digits, _ . -, no folders')
  .max(100)
const size = z.int().positive().nullable().default(null)

const source = z.discriminatedUnion('kind', [
  /** The tarball of a package, from whatever registry npm is set to. */
  z.strictObject({
    kind: z.literal('npm'),
    package: z.string().regex(/^(@[\w.-]+\/)?[\w.-]+$/),
    version: z.string().regex(/^[\w.+-]+$/),
  }),
  z.strictObject({ kind: z.literal('https'), url: z.url({ protocol: /^https?$/ }) }),
  /** Beside the file that describes the pack, or absolute. */
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1) }),
])

const download = z.strictObject({
  format: z.enum(['onnx', 'tgz', 'zip']),
  /** Tried in this order. */
  sources: z.array(source).min(1),
  size,
  checksum: checksum.nullable().default(null),
  /** What is taken: the whole download (`onnx`), or these members of the archive. */
  files: z
    .array(
      z.strictObject({
        name: plainName,
        /** In the archive. Default: the name, in whatever folder of a zip. */
        member: z.string().optional(),
        size,
        checksum: checksum.nullable().default(null),
      }),
    )
    .min(1),
})

const fileOf = ({ file }: { readonly file: string }) => file

/** Models that belong together, and where they come from. */
export const packSchema = z
  .strictObject({
    name: plainName,
    title: z.string(),
    licence: z.strictObject({ name: z.string(), url: z.url(), commercial: z.boolean() }),
    downloads: z.array(download).min(1),
    detector: plainName.nullable().default(null),
    /** Points for a detector that gives none. */
    landmarks: plainName.nullable().default(null),
    embedder: z
      .strictObject({
        file: plainName,
        /** Left out where the file says it itself. */
        preprocessing: preprocessingSchema.optional(),
        thresholds: thresholdsSchema.optional(),
      })
      .nullable()
      .default(null),
    /** Networks that tell a living face from a picture of one. */
    liveness: livenessSchema.nullable().default(null),
    /** Tells closed eyes from open ones, see `EyeReader`. */
    eyes: plainName.nullable().default(null),
  })
  .superRefine((pack, context) => {
    const names = pack.downloads.flatMap(({ files }) => files.map(({ name }) => name))
    if (/\.(json|onnx)$/i.test(pack.name))
      context.addIssue({
        code: 'custom',
        message: `a pack called ${pack.name} would be taken for a file; leave out the ending`,
      })
    if (names.some((name) => name.toLowerCase() === 'pack.json'))
      context.addIssue({
        code: 'custom',
        message: 'pack.json is where an installed pack is described; give the file another name',
      })
    for (const { files } of pack.downloads)
      if (new Set(files.map(({ name, member = name }) => member)).size < files.length)
        context.addIssue({ code: 'custom', message: 'one member of an archive has two names' })
    if (new Set(names).size < names.length)
      context.addIssue({ code: 'custom', message: 'two files have one name' })
    const { detector, landmarks, embedder, liveness, eyes } = pack
    const checkers = (liveness?.models ?? []).map(fileOf)
    const parts = [detector, landmarks, embedder?.file, ...checkers, eyes]
    for (const part of parts)
      if (part && !names.includes(part))
        context.addIssue({ code: 'custom', message: `no download gives ${part}` })
    if (pack.downloads.some(({ format, files }) => format === 'onnx' && files.length > 1))
      context.addIssue({ code: 'custom', message: 'a download that is no archive is one file' })
  })
export type Pack = z.output<typeof packSchema>
export type PackInput = z.input<typeof packSchema>
export type Download = Pack['downloads'][number]
export type Source = z.output<typeof source>

/**
 * Makes what parses the description of a pack. It throws what `refuse` makes, with what is wrong where.
 */
export const packParser =
  (refuse: (message: string, cause: unknown) => Error) =>
  /** @param name what errors call the description */
  (value: unknown, name: string): Pack => {
    const result = packSchema.safeParse(value)
    if (result.success) return result.data
    const { path, message } = result.error.issues[0]!
    const where = path.length > 0 ? `${path.join('.')}: ` : ''
    throw refuse(`${name} describes no model pack: ${where}${message}`, result.error)
  }
