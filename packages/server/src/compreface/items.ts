import type { ChosenSearchThreshold, ChosenThreshold, EmbeddedFace, Face } from '@arcface/vision'
import type { FindParameters } from './query.js'
import { rounded } from './similarity.js'

/** Milliseconds of the steps of one photograph. */
export interface Times {
  readonly find: number
  readonly embed?: number | undefined
}

const whole = Math.round
const degrees = (radians: number) => (radians * 180) / Math.PI

/**
 * A face as CompreFace describes it. What no model is here for (age, gender, mask) is left out, whoever asks for it; so is
 * what speaks against the face, `rejected`, where nothing does.
 */
export function itemOf(
  face: Face & Partial<Pick<EmbeddedFace, 'embedding'>>,
  { plugins, status }: Pick<FindParameters, 'plugins' | 'status'>,
  { find, embed }: Times,
) {
  const { box, points, score, quality, embedding, rejected } = face
  return {
    box: {
      probability: rounded(score),
      x_max: whole(box.x + box.width),
      y_max: whole(box.y + box.height),
      x_min: Math.max(0, whole(box.x)),
      y_min: Math.max(0, whole(box.y)),
    },
    ...(plugins.has('landmarks') && { landmarks: points.map(({ x, y }) => [whole(x), whole(y)]) }),
    ...(plugins.has('pose') && {
      pose: {
        pitch: degrees(quality.pitch),
        roll: degrees(quality.roll),
        yaw: degrees(quality.yaw),
      },
    }),
    ...(plugins.has('calculator') && embedding && { embedding: Array.from(embedding) }),
    ...(status && {
      execution_time: { detector: find, ...(embed !== undefined && { calculator: embed }) },
    }),
    ...(rejected.length > 0 && { rejected: [...rejected] }),
  }
}

/**
 * What we say beside a similarity: where a verdict turns, on the same scale and as a cosine, and what that stands for.
 * As everywhere in these answers, what is not known is left out.
 */
export function verdictFields({
  threshold,
  far,
  warning,
  ...chosen
}: ChosenThreshold & Partial<ChosenSearchThreshold>) {
  const { fpir = null } = chosen
  return {
    ...(threshold !== null && { threshold: 0.5, threshold_cosine: threshold }),
    ...(far !== null && { far }),
    ...(fpir !== null && { fpir }),
    ...(warning !== null && { warning }),
  }
}
