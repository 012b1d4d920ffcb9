import { resolve } from 'node:path'
import type { Config } from './schema.js'

/**
 * A configuration that names the same files from every working folder: what is relative begins at the present one.
 * The run's own folder stays as it is.
 */
export function withAbsolutePaths(config: Config): Config {
  const { data, model, distill, verify } = config
  const or = (path: string | null) => path && resolve(path)
  const all = (paths: readonly string[]) => paths.map((path) => resolve(path))
  return {
    ...config,
    data: {
      ...data,
      roots: all(data.roots),
      unlabelled: all(data.unlabelled),
      list: or(data.list),
    },
    model: { ...model, weights: or(model.weights) },
    distill: distill && { ...distill, teacher: resolve(distill.teacher) },
    verify: {
      ...verify,
      sets: verify.sets.map(({ name, images, pairs }) => ({
        name,
        images: or(images),
        pairs: resolve(pairs),
      })),
    },
  }
}
