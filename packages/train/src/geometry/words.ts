import { type Content, type Html, html } from '@arcface/evaluate/report'
import type { NamedLoss } from './named-loss.js'

// What the pages say is said of the losses that are drawn, and of no others.

/** Losses that are special cases of the unified margin (m1, m2, m3), equation 4 of the paper. */
const UNIFIED = new Set([
  'norm-softmax',
  'arcface',
  'cosface',
  'sphereface',
  'cm1',
  'cm2',
  'unified',
])

export const isUnified = ({ loss }: NamedLoss): boolean => UNIFIED.has(loss.name)

/** `A`, `A and B`, `A; B, margin 0.3 and C`: labels with commas are parted by semicolons. */
export function listed(losses: readonly Pick<NamedLoss, 'label'>[]): string {
  const labels = losses.map(({ label }) => label)
  const comma = labels.some((label) => label.includes(',')) ? '; ' : ', '
  const last = labels.at(-1) ?? ''
  return labels.length < 2 ? last : `${labels.slice(0, -1).join(comma)} and ${last}`
}

/** A paragraph, or nothing. */
export function paragraph(...sentences: (Html | false)[]): Content {
  const said = sentences.filter((one) => one)
  return said.length > 0 && html`<p>${said.map((one, i) => [i > 0 && ' ', one])}</p>`
}

/** Whether any of the losses drawn has one of these names. */
export const has = (losses: readonly NamedLoss[], ...names: string[]): boolean =>
  losses.some(({ loss }) => names.includes(loss.name))

/** What else than (m1, m2, m3) decides, for what is no special case of the unified margin, and how it is drawn here. */
const NOTES: Readonly<Record<string, Html>> = {
  softmax: html`Softmax multiplies the cosine by the lengths of centre and feature; with lengths of 1 and a bias of 0 it is drawn as Norm-Softmax.`,
  'l-softmax': html`L-Softmax and its lengths of centre and feature are drawn at lengths of 1, and as far as its annealing has come at the first step.`,
  'a-softmax': html`A-Softmax and its length of the feature are drawn at length 1, and as far as its annealing has come at the first step.`,
  'subcenter-arcface': html`Sub-center ArcFace is ArcFace with the nearest of several centres a person; here they are one.`,
  curricularface: html`CurricularFace has ArcFace's logit of the true class; what it changes are the logits of others that beat it, more so as training goes on. It is drawn as a new loss is.`,
  'mv-softmax': html`MV-Softmax leaves the logit of the true class as its variant has it (ArcFace, CosFace) and raises those of others that beat it.`,
  magface: html`MagFace's margin grows with the length of the feature; it is drawn at the smallest length.`,
  adaface: html`AdaFace's margin hangs on the length of the feature against those of the batch, which stands for the quality of the image; it is drawn as a new loss is, with a feature of length 1.`,
  elasticface: html`ElasticFace draws its margin anew for every sample, so that its line trembles.`,
  circle: html`Circle weighs every cosine by its distance from where it should be, so that its curve is a parabola of the cosine.`,
}

/** Which of the losses are special cases of the unified margin, and what the others are. */
export function families(losses: readonly NamedLoss[]): Content {
  const special = losses.filter(isUnified)
  const names = new Set(losses.map(({ loss }) => loss.name))
  const notes = Object.entries(NOTES).filter(([name]) => names.has(name))
  return [
    paragraph(
      special.length > 0 &&
        html`${listed(special)} ${special.length === 1 ? 'is a special case' : 'are special cases'} of the unified margin (m₁, m₂, m₃), equation 4 of the paper.`,
      special.length > 0 && notes.length > 0 && html`The following are not.`,
    ),
    paragraph(...notes.map(([, note]) => note)),
  ]
}
