import { checkSquared, countRows, type Rows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'

/** Images and the templates that they belong to: IJB's lists, or the frames of videos. */
export interface TemplateInput extends Rows {
  /**
   * Embeddings of the mirror images, N x dim: added before anything else (InsightFace's F2). Leave
   * it out where `embeddings` are sums already.
   */
  readonly mirrored?: Float32Array
  /** Template of each image, N; an image of several templates stands there as often. */
  readonly templateOf: Int32Array
  /**
   * Medium of each image, N: a photograph, or the video that a frame is from. Told apart within a
   * template only. Left out, all images of a template are one medium (YTF, iQIYI: a template a video).
   */
  readonly mediaOf?: Int32Array
  /** How good each face is, N, for example the detector's score: the embedding is multiplied by it. */
  readonly weights?: Float32Array
  /**
   * `keep` (the default): images count by the length of their embedding, as in InsightFace's N1.
   * `unit`: each embedding is brought to length 1 first, N0.
   */
  readonly norms?: 'keep' | 'unit'
}

/** Templates, ascending by number. */
export interface Templates extends Rows {
  /** T x dim, L2-normalised. */
  readonly embeddings: Float32Array
  /** Number of each template, ascending; T. */
  readonly ids: Int32Array
}

/**
 * One embedding a template: the images of a medium are averaged, the media of a template added, the
 * sum normalised (IJB-B and IJB-C; InsightFace's recognition/_evaluation_/ijb/ijb_11.py,
 * image2template_feature). Sums are in float64.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_TEMPLATE (no images), EVALUATE_EMBEDDING (an image
 *   or a template that is zero or not finite; names it)
 */
export function poolTemplates(input: TemplateInput): Templates {
  const { dim, templateOf, mediaOf } = input
  const order = inOrder(input)
  const ids: number[] = []
  order.forEach((image, i) => {
    if (i === 0 || templateOf[image] !== templateOf[order[i - 1]!]) ids.push(templateOf[image]!)
  })
  const embeddings = new Float32Array(ids.length * dim)
  const medium = new Float64Array(dim)
  const template = new Float64Array(dim)
  for (let i = 0, row = 0; i < order.length; row++) {
    template.fill(0)
    const id = templateOf[order[i]!]!
    while (i < order.length && templateOf[order[i]!] === id) {
      medium.fill(0)
      const start = i
      const media = mediaOf?.[order[i]!]
      do {
        addImage(input, order[i]!, medium)
        i++
      } while (i < order.length && templateOf[order[i]!] === id && mediaOf?.[order[i]!] === media)
      for (let k = 0; k < dim; k++) template[k]! += medium[k]! / (i - start)
    }
    const squared = template.reduce((sum, value) => sum + value * value, 0)
    const length = Math.sqrt(checkSquared(squared, `template ${id}`))
    for (let k = 0; k < dim; k++) embeddings[row * dim + k] = template[k]! / length
  }
  return {
    embeddings,
    dim,
    ids: Int32Array.from(ids),
    names: ids.map((id) => `template ${id}`),
  }
}

/** Images by template, then by medium, then as they came. */
function inOrder(input: TemplateInput): Uint32Array {
  const { embeddings, mirrored, templateOf, mediaOf, weights } = input
  const images = countRows(input)
  for (const [name, length] of [
    ['templateOf', templateOf.length],
    ['mediaOf', mediaOf?.length ?? images],
    ['weights', weights?.length ?? images],
    ['mirrored', mirrored === undefined ? images : mirrored.length / input.dim],
  ] as const) {
    if (length !== images) {
      throw new EvaluateError(
        'EVALUATE_SHAPE',
        `${name} tells of ${length} images, but there are ${images} embeddings (${embeddings.length} numbers)`,
      )
    }
  }
  if (images === 0) {
    const message =
      'there are no images to make templates of; check the list of templates and media'
    throw new EvaluateError('EVALUATE_TEMPLATE', message)
  }
  const order = Uint32Array.from({ length: images }, (_, i) => i)
  return order.sort(
    (x, y) => templateOf[x]! - templateOf[y]! || (mediaOf?.[x] ?? 0) - (mediaOf?.[y] ?? 0) || x - y,
  )
}

function addImage(input: TemplateInput, image: number, sum: Float64Array): void {
  const { embeddings, mirrored, dim, weights, norms, names } = input
  const start = image * dim
  const value = (k: number) => embeddings[start + k]! + (mirrored?.[start + k] ?? 0)
  let squared = 0
  for (let k = 0; k < dim; k++) squared += value(k) ** 2
  checkSquared(squared, names?.[image] ?? `row ${image}`)
  const weight = weights?.[image] ?? 1
  if (!(weight >= 0 && weight < Infinity)) {
    throw new EvaluateError(
      'EVALUATE_TEMPLATE',
      `the weight of ${names?.[image] ?? `row ${image}`} is ${weight}; it must be 0 or more`,
    )
  }
  const factor = norms === 'unit' ? weight / Math.sqrt(squared) : weight
  for (let k = 0; k < dim; k++) sum[k]! += factor * value(k)
}

/**
 * Rows of templates named by their numbers.
 * @throws EvaluateError EVALUATE_TEMPLATE where a number has no images; names it
 */
export function templateRows(templates: Pick<Templates, 'ids'>, ids: Int32Array): Int32Array {
  const rows = new Map<number, number>()
  templates.ids.forEach((id, row) => {
    rows.set(id, row)
  })
  return ids.map((id, position) => {
    const row = rows.get(id)
    if (row === undefined) {
      throw new EvaluateError(
        'EVALUATE_TEMPLATE',
        `template ${id} (entry ${position + 1} of the list) has no images; complete the list of templates and media`,
      )
    }
    return row
  })
}
