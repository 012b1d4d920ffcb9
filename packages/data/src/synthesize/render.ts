import type { Random } from '@arcface/vision'
import sharp from 'sharp'
import { develop, drawBackground } from './camera.js'
import { drawHead } from './draw.js'
import type { Identity } from './identity.js'
import { lightRelief } from './light.js'
import type { Nuisance } from './nuisance.js'
import { projectHead } from './projection.js'

/**
 * Takes a picture: paints the head from the front, turns it and lights it by its relief, aligns it by its five
 * landmarks, puts it before the background and degrades the whole as a camera does.
 *
 * @param relief drawRelief(identity); one serves all pictures of a person
 * @param random draws the noise of the camera
 * @returns IMAGE_BYTES bytes, RGB, HWC
 */
export async function renderFace(
  identity: Identity,
  relief: Float32Array,
  nuisance: Nuisance,
  random: Random,
): Promise<Uint8Array> {
  const texture = await sharp(Buffer.from(drawHead(identity, nuisance)))
    .raw()
    .toBuffer()
  const image = drawBackground(nuisance)
  projectHead(image, texture, relief, lightRelief(relief, nuisance), identity, nuisance)
  return develop(image, nuisance, random)
}
