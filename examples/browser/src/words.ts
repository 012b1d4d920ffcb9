import type { Rejection, Verification } from '@arcface/browser'

// What the page says: every verdict with the threshold that it goes by and the error rate that it stands for.

/** 0.001 as "1 in 1,000". */
export const oneIn = (rate: number): string =>
  `1 in ${Number((1 / rate).toPrecision(2)).toLocaleString('en')}`

export interface Words {
  readonly title: string
  readonly text: string
}

/** Whether two photographs show one person. */
export function comparison(found: Verification): Words {
  const { same, similarity, threshold, far, source, rejected } = found
  const cosine = `Similarity ${similarity.toFixed(3)}`
  if (rejected.length > 0)
    return { title: 'Not decided', text: `${cosine}, but a face is ${reasons(rejected)}.` }
  if (same === null || threshold === null)
    return {
      title: 'Not decided',
      text: `${cosine}. This model names no threshold, so there is no verdict.`,
    }
  const rate = far === null ? '' : `, which ${oneIn(far)} pairs of strangers exceed (${source})`
  return {
    title: same ? 'The same person' : 'Different people',
    text: `${cosine}, ${same ? 'above' : 'not above'} the threshold ${threshold.toFixed(3)}${rate}.`,
  }
}

const REASONS: Record<Rejection, string> = {
  small: 'too small: come nearer',
  blurred: 'blurred: hold still, or clean the lens',
  noisy: 'too noisy: more light helps',
  crushed: 'compressed too much: take the original photograph',
  turned: 'turned away: look into the camera',
  implausible: 'hardly a face',
}
const reasons = (rejected: readonly Rejection[]) => rejected.map((one) => REASONS[one]).join('; ')

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** What went wrong, and what to do. */
export function trouble(error: unknown): Words {
  const { code, hint, message } = error as { code?: string; hint?: string; message?: string }
  const known = code === undefined ? undefined : TROUBLES[code]
  if (known) return { title: known[0], text: known[1] }
  return { title: message ?? String(error), text: hint ?? '' }
}

/** In words of this page, where it knows better than the library what its user can do. */
const TROUBLES: Record<string, [title: string, advice: string]> = {
  BROWSER_PHOTO: [
    'This photograph cannot be read.',
    'Take a JPEG, PNG, WebP or AVIF file of no more than 100 million pixels.',
  ],
  VISION_NO_FACE: [
    'There is no face in this photograph.',
    'Take one where a face is seen from the front.',
  ],
}
