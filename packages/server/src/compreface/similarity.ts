/** How steeply CompreFace's similarity rises with the distance: the middle of what its models have, 4.6 to 7.3. */
const STEEPNESS = 6
/**
 * The cosine that is 0.5 where the model names no threshold: that of the middle of CompreFace's models, whose c0 is 1.11
 * to 1.27. It is nobody's measured threshold.
 */
const USUAL_COSINE = 1 - 1.19 ** 2 / 2

/**
 * CompreFace's similarity, `(tanh((c0 - d) c1) + 1) / 2` of the Euclidean distance of unit vectors, placed so that 0.5 is
 * where a verdict turns. Clients have cut-offs of their own, mostly above 0.5: with CompreFace's own steepness these lie
 * about as far above the threshold as they did.
 * @param threshold cosine; null where the model names none
 * @returns of a cosine, five places
 */
export function similarityBy(threshold: number | null): (cosine: number) => number {
  const distance = (cosine: number) => Math.sqrt(Math.max(0, 2 - 2 * cosine))
  const c0 = distance(threshold ?? USUAL_COSINE)
  return (cosine) => rounded((Math.tanh((c0 - distance(cosine)) * STEEPNESS) + 1) / 2)
}

/** As CompreFace rounds probabilities and similarities. */
export const rounded = (value: number): number => Math.round(value * 1e5) / 1e5
