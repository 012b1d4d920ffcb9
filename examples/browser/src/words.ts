import type { IdentifiedFace, Rejection, Verification } from '@arcface/browser'
import { ENGLISH } from '@arcface/browser/element'

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

/** Who a face is among the people known. */
export function identity(face: IdentifiedFace): Words {
  const { matches, searched, threshold, fpir, rejected } = face
  if (rejected.length > 0)
    return { title: 'Not recognisable', text: `The face is ${reasons(rejected)}.` }
  if (searched.faces === 0)
    return { title: 'Nobody is known yet', text: 'Add somebody under People.' }
  if (threshold === null)
    return {
      title: 'Not decided',
      text: 'This model names no threshold, so nobody gets a name.',
    }
  const rate = fpir === null ? '' : `${oneIn(fpir)} strangers gets a name `
  const meaning = `threshold ${threshold.toFixed(3)} (${rate}among ${count(searched.faces, 'face')})`
  const [match] = matches
  return match
    ? { title: match.name, text: `Similarity ${match.similarity.toFixed(3)}, ${meaning}.` }
    : { title: 'Nobody who is known', text: `Nobody reaches the ${meaning}.` }
}

const REASONS: Record<Rejection, string> = {
  small: 'too small: come nearer',
  blurred: 'blurred: hold still, or clean the lens',
  noisy: 'too noisy: more light helps',
  crushed: 'compressed too much: take the original photograph',
  turned: 'turned away: look into the camera',
  implausible: 'hardly a face',
  dark: 'too dark: turn to the light',
  bright: 'too bright: move out of the glare',
  covered: 'covered, or hard to make out: show the whole face',
}
const reasons = (rejected: readonly Rejection[]) => rejected.map((one) => REASONS[one]).join('; ')

export const count = (number: number, of: string, many = `${of}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? of : many}`

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** What went wrong, and what to do. */
export function trouble(error: unknown): Words {
  const { code, hint, message } = error as { code?: string; hint?: string; message?: string }
  const [title, text] = TROUBLES[code ?? ''] ?? [ENGLISH.errors[code ?? ''], '']
  if (title !== undefined) return { title, text }
  return { title: message ?? String(error), text: hint ?? '' }
}

/** In words of this page, where it knows better than the library what its user can do. */
const TROUBLES: Record<string, [title: string, advice: string]> = {
  BROWSER_GALLERY_PERSON_EXISTS: ['Somebody has this name already.', 'Choose another one.'],
  BROWSER_GALLERY_MODEL: [
    'The people of this page were enrolled with another model.',
    'Under People they can be deleted; then enrol them again.',
  ],
}
