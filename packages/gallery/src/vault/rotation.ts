import { Rotation } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { newKey } from './cipher.js'
import { type KeySource, type MasterKey, masterKeyOf } from './master.js'

/** What a gallery whose embeddings are turned keeps of it, as JSON in its own row. */
interface Kept {
  /** `Rotation.id` */
  readonly id: string
  /** `MasterKey.id` */
  readonly master: string
  /** The rotation's key, wrapped by the master key: base64. */
  readonly key: string
}

const CONTEXT = 'gallery'

/** A rotation for a new gallery, of a key of its own: what is kept of it. */
export async function makeRotation(master: MasterKey, dim: number): Promise<string> {
  const key = newKey()
  const { id } = await Rotation.of(key, dim, CONTEXT)
  const kept: Kept = {
    id,
    master: master.id,
    key: Buffer.from(await master.wrap(key)).toString('base64'),
  }
  return JSON.stringify(kept)
}

/**
 * The rotation of a gallery.
 * @param text what is kept of it
 * @throws GalleryError GALLERY_KEY (another master key), GALLERY_DAMAGED
 */
export async function openRotation(
  text: string,
  dim: number,
  given: MasterKey | KeySource,
  called: string,
): Promise<Rotation> {
  const kept = keptOf(text, called)
  const master = await masterKeyOf(given)
  const key = await master.unwrap(Buffer.from(kept.key, 'base64')).catch((cause) => {
    if (cause instanceof GalleryError) throw cause
    throw new GalleryError(
      'GALLERY_KEY',
      `${called}: the key of its rotation is wrapped by the master key ${kept.master}; given is ${master.id}`,
      { cause },
    )
  })
  const rotation = await Rotation.of(key, dim, CONTEXT).catch((cause) => {
    throw damaged(called, cause)
  })
  if (rotation.id !== kept.id) throw damaged(called)
  return rotation
}

/**
 * The rotation of a gallery that has one.
 * @throws as `openRotation`; GALLERY_KEY where no key is given
 */
export async function rotationOf(
  text: string | undefined,
  dim: number,
  given: MasterKey | KeySource | undefined,
  called: string,
): Promise<Rotation | undefined> {
  if (text === undefined) return undefined
  if (given === undefined) throw noRotationKey(called)
  return openRotation(text, dim, given, called)
}

export const noRotationKey = (called: string) =>
  new GalleryError(
    'GALLERY_KEY',
    `${called}: its embeddings are turned, and the key of the rotation was not given`,
  )

function keptOf(text: string, called: string): Kept {
  let kept: Partial<Kept> | null
  try {
    kept = JSON.parse(text)
  } catch (cause) {
    throw damaged(called, cause)
  }
  if ([kept?.id, kept?.master, kept?.key].some((one) => typeof one !== 'string'))
    throw damaged(called)
  return kept as Kept
}

const damaged = (called: string, cause?: unknown) =>
  new GalleryError('GALLERY_DAMAGED', `${called}: what it keeps of its rotation is damaged`, {
    cause,
    hint: 'Take its table gallery.lance from a backup.',
  })
