import type { People } from '@arcface/data'
import { BEST_QUALITY, limitsOf, reasonsOf } from '@arcface/vision'
import type { Finding } from '../../suspects/format.js'
import { placed, rounded } from './finding.js'
import type { Looked } from './look.js'

/** Images that are less sharp, noisier or more crushed than a face that is recognised may be, by how many times. */
export function poor(set: People, { places, texture }: Looked): Finding[] {
  const limits = limitsOf()
  return [...places.keys()].flatMap((row) => {
    const { rejected, ...figures } = texture[row]!
    if (rejected.length === 0) return []
    const { sharpness, noise, flat } = figures
    const times = Math.max(
      limits.sharpness / Math.max(sharpness, 1e-3),
      noise / limits.noise,
      flat / limits.flat,
    )
    return {
      kind: 'quality',
      score: rounded(times),
      reason: reasonsOf(rejected, { ...BEST_QUALITY, ...figures }),
      images: [placed(set, places[row]!)],
      rejected,
      sharpness: rounded(sharpness),
      noise: rounded(noise),
      flat: rounded(flat),
    } as const
  })
}
