import {
  DataError,
  listedFiles,
  readLandmarks,
  readSubjects,
  readTemplateMedia,
  readTemplatePairs,
  type SubjectList,
  type TemplateMediaList,
  type TemplatePairs,
} from '@arcface/data'
import { type EmbedFn, flipSum } from '../embeddings/embed.js'
import { gatherRows } from '../embeddings/rows.js'
import { poolTemplates, type Templates, templateRows } from '../templates/pool.js'
import { pairWarnings } from '../verification/contradictions.js'
import { foldStarts } from '../verification/folds.js'
import { embedFiles } from './embed-files.js'
import { telling, type WorkOptions } from './work.js'

/** Files of lists as IJB has them; YTF's videos too. */
export interface TemplateFiles {
  /** The folder where the images of `media` lie. */
  readonly images: string
  /** Lines of "name template medium". */
  readonly media: string
  /** 1:1, lines of "template template label". */
  readonly pairs?: string | undefined
  /** 1:N, "template,subject" of those who are enrolled, and of those who are looked for. */
  readonly gallery?: string | undefined
  readonly probes?: string | undefined
  /** The detector's scores, by which images are weighed. */
  readonly scores?: string | undefined
}

/** Everything that the lists say. */
export interface TemplateLists {
  readonly media: TemplateMediaList
  /** Each image once. */
  readonly files: readonly string[]
  /** By the detector's scores, one a row of `media`. */
  readonly weights?: Float32Array
  readonly pairs?: TemplatePairs
  readonly search?: { readonly gallery: SubjectList; readonly probes: SubjectList }
  /** Labels that contradict each other, in words. */
  readonly warnings: readonly string[]
}

/**
 * Reads lists, and looks for what would else end the work after all images.
 * @param folds into which the pairs are to be divided, where they are
 * @throws DataError, EvaluateError
 */
export function readTemplateLists(files: TemplateFiles, folds?: number): TemplateLists {
  const media = readTemplateMedia(files.media)
  const ids = Int32Array.from(new Set(media.templates))
  const { pairs: pairsFile, gallery, probes, scores } = files
  const images = listedFiles(files.media, media.names, files.images)
  const warnings: string[] = []
  const pairs = pairsFile === undefined ? undefined : readTemplatePairs(pairsFile)
  if (pairs !== undefined) {
    if (folds !== undefined) foldStarts(pairs.same, folds)
    const [a, b] = [templateRows({ ids }, pairs.a), templateRows({ ids }, pairs.b)]
    const names = Array.from(ids, (id) => `template ${id}`)
    warnings.push(...pairWarnings({ a, b, same: pairs.same, names }))
  }
  const subjectsOf = (file: string) => {
    const list = readSubjects(file)
    templateRows({ ids }, list.templates)
    return list
  }
  return {
    media,
    files: images,
    ...(scores !== undefined && { weights: scoresOf(scores, media, files.media) }),
    ...(pairs && { pairs }),
    ...(gallery !== undefined &&
      probes !== undefined && {
        search: { gallery: subjectsOf(gallery), probes: subjectsOf(probes) },
      }),
    warnings,
  }
}

function scoresOf(file: string, { names }: TemplateMediaList, media: string): Float32Array {
  const found = readLandmarks(file)
  const byName = new Map(found.names.map((name, i) => [name, found.scores[i]!]))
  return Float32Array.from(names, (name) => {
    const score = byName.get(name)
    if (score === undefined)
      throw new DataError('DATA_LIST', `${file} has no score of ${name}, which ${media} names.`)
    return score
  })
}

export interface EmbedTemplatesOptions extends WorkOptions {
  /** Whether images weigh by the length of their embeddings (N1), or all alike (N0). */
  readonly norms: 'keep' | 'unit'
  /** Adds the embedding of the mirror image. */
  readonly flip?: boolean | undefined
}

/**
 * Embeds each image once, and pools those of each template.
 * @throws as `embedFiles` and `poolTemplates`
 */
export async function embedTemplates(
  { media: { names, templates, media }, files, weights }: TemplateLists,
  embed: EmbedFn,
  { norms, flip = false, ...options }: EmbedTemplatesOptions,
): Promise<Templates> {
  const rowOf = new Map([...new Set(names)].map((name, row) => [name, row]))
  const rows = Int32Array.from(names, (name) => rowOf.get(name)!)
  const onProgress = telling(options, 'images')
  const found = await embedFiles(files, embed, flip, { onProgress })
  const { dim } = found
  return poolTemplates({
    embeddings: gatherRows({ embeddings: flipSum(found), dim }, rows),
    dim,
    names,
    templateOf: templates,
    mediaOf: media,
    norms,
    ...(weights && { weights }),
  })
}
