import type { SubjectList, TemplateMediaList, TemplatePairs } from '@arcface/data'
import { warn } from '../printable.js'

/** Files of lists, as the command names them. */
export interface TemplateListOptions {
  images: string
  media: string
  pairs?: string
  gallery?: string
  probes?: string
  scores?: string
  folds?: number
}

/** Everything that the lists say, looked at before the model runs for an hour. */
export interface TemplateLists {
  readonly media: TemplateMediaList
  /** Each image once. */
  readonly files: string[]
  /** By the detector's scores, one a row of `media`. */
  readonly weights?: Float32Array
  readonly pairs?: TemplatePairs
  readonly gallery?: SubjectList
  readonly probes?: SubjectList
}

/** @throws DataError, EvaluateError: what would else end the work after all images */
export async function readLists(options: TemplateListOptions): Promise<TemplateLists> {
  const { images, scores, pairs: pairsFile, gallery, probes, folds } = options
  const data = await import('@arcface/data')
  const { foldStarts, pairWarnings, templateRows } = await import('@arcface/evaluate')
  const media = data.readTemplateMedia(options.media)
  const files = data.listedFiles(options.media, media.names, images)
  const ids = Int32Array.from(new Set(media.templates))
  const pairs = pairsFile === undefined ? undefined : data.readTemplatePairs(pairsFile)
  if (pairs !== undefined) {
    if (folds !== undefined) foldStarts(pairs.same, folds)
    const [a, b] = [templateRows({ ids }, pairs.a), templateRows({ ids }, pairs.b)]
    const names = Array.from(ids, (id) => `template ${id}`)
    for (const warning of pairWarnings({ a, b, same: pairs.same, names })) warn(warning)
  }
  const subjectsOf = (file: string) => {
    const list = data.readSubjects(file)
    templateRows({ ids }, list.templates)
    return list
  }
  return {
    media,
    files,
    ...(scores !== undefined && { weights: await scoresOf(scores, media, options.media) }),
    ...(pairs && { pairs }),
    ...(gallery !== undefined && { gallery: subjectsOf(gallery), probes: subjectsOf(probes!) }),
  }
}

async function scoresOf(
  file: string,
  { names }: TemplateMediaList,
  media: string,
): Promise<Float32Array> {
  const { DataError, readLandmarks } = await import('@arcface/data')
  const found = readLandmarks(file)
  const byName = new Map(found.names.map((name, i) => [name, found.scores[i]!]))
  return Float32Array.from(names, (name) => {
    const score = byName.get(name)
    if (score === undefined)
      throw new DataError('DATA_LIST', `${file} has no score of ${name}, which ${media} names.`)
    return score
  })
}
