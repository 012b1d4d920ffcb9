import { readText } from '@arcface/files'
import { z } from 'zod'
import { DataError } from '../errors.js'
import { openFolders } from '../folders/folders.js'
import { imageName } from '../images/source.js'
import { imageKey, type ListedImage, writeImageList } from '../lists/images.js'

const image = { image: z.string().min(1), offset: z.int().min(0).optional() }

const decisionsSchema = z.strictObject({
  /** Folders of people, or `.rec` files. */
  roots: z.array(z.string().min(1)).min(1),
  /** The list of images that was looked through, where it was not all. */
  list: z.string().min(1).optional(),
  /** By path, of a record also its first byte; what is not named stays as it is. */
  decisions: z.array(
    z.discriminatedUnion('decision', [
      z.strictObject({ ...image, decision: z.literal('drop') }),
      z.strictObject({ ...image, decision: z.literal('move'), person: z.string().min(1) }),
    ]),
  ),
})

/** What somebody decided about images of a data set. */
export type Decisions = z.infer<typeof decisionsSchema>

/** What a list has, and what was decided of it. */
export interface Curated {
  people: number
  images: number
  dropped: number
  moved: number
}

/**
 * Writes the list of a data set's images, for `data.list` of a training, that is left by what was decided: without the
 * dropped ones, and with the moved ones under their new person. The images stay as they are.
 * @param decisions a file of `Decisions`, JSON
 * @throws DataError DATA_LIST for a file that is none, an image that is not there, and one decided twice; as `openFolders`
 *   and `writeImageList`
 */
export function curate(decisions: string, list: string): Curated {
  const refuse = (why: string) => new DataError('DATA_LIST', `${decisions}: ${why}`)
  const { roots, decisions: all, ...from } = readDecisions(decisions, refuse)
  const decided = new Map<string, (typeof all)[number]>()
  for (const one of all) {
    const key = imageKey({
      path: one.image,
      ...(one.offset !== undefined && { offset: one.offset }),
    })
    if (decided.has(key)) throw refuse(`${one.image} is decided about twice`)
    decided.set(key, one)
  }
  const { classes, samples } = openFolders(roots, from)
  const asInFolders = from.list === undefined ? undefined : openFolders(roots)
  const given = asInFolders && namesByImage(asInFolders)
  const people = new Set<string>()
  const images: ListedImage[] = []
  let moved = 0
  for (const sample of samples) {
    const key = imageKey(sample)
    const one = decided.get(key)
    decided.delete(key)
    if (one?.decision === 'drop') continue
    const before = classes[sample.label]!
    const person = one?.person ?? before
    if (person !== before) moved++
    people.add(person)
    const own = given?.get(key) ?? before
    images.push({ ...sample, ...(person !== own && { person }) })
  }
  const [missing] = decided.values()
  if (missing !== undefined) throw refuse(`${imageName(missing.image)} is not among the images`)
  if (images.length === 0) throw refuse('it drops every image')
  writeImageList(list, images)
  return {
    people: people.size,
    images: images.length,
    dropped: samples.length - images.length,
    moved,
  }
}

const namesByImage = ({ classes, samples }: ReturnType<typeof openFolders>) =>
  new Map(samples.map((sample) => [imageKey(sample), classes[sample.label]!]))

function readDecisions(path: string, refuse: (why: string) => DataError): Decisions {
  let value: unknown
  const text = readText(path)
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('it is no JSON')
  }
  const parsed = decisionsSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refuse(`${issue!.path.join('.') || 'it'}: ${issue!.message}`)
}
