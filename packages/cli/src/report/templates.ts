import { join } from 'node:path'
import type { TemplateMediaList } from '@arcface/data'
import { identitiesFromPairs, type Templates } from '@arcface/evaluate'
import type {
  IdentifiedTemplates,
  TemplateOptions,
  VerifiedTemplates,
} from '../commands/evaluate-templates.js'
import { factsOf } from './facts.js'
import { writeSearchReport } from './identification.js'
import { writePairReport } from './pairs.js'
import type { Named } from './write.js'

/** What was measured of templates. */
export interface MeasuredTemplates {
  readonly options: TemplateOptions
  readonly list: TemplateMediaList
  readonly templates: Templates
  readonly verified: VerifiedTemplates | undefined
  readonly identified: IdentifiedTemplates | undefined
}

/** Writes the report of 1:1 into the folder `1-1`, that of 1:N into `1-n`. A template is shown by its first image. */
export async function reportTemplates(
  folder: string,
  { options, list, templates, verified, identified }: MeasuredTemplates,
): Promise<void> {
  const { model, images, media, pairs, gallery, probes, scores, flip } = options
  const of = firstImages(list, templates, images)
  const facts = await factsOf({
    model,
    data: { images, media, pairs, gallery, probes, scores },
    images: [...new Set(list.names)].map((name) => join(images, name)),
    lists: [
      list.templates,
      list.media,
      ...(verified ? [verified.a, verified.b, verified.figures.same] : []),
      ...(identified ? [identified.galleryRows, identified.probeRows] : []),
    ],
  })
  if (verified) {
    const { figures, a, b } = verified
    await writePairReport({
      folder: join(folder, '1-1'),
      title: `Templates of ${media}, 1:1`,
      results: [{ name: flip ? 'with flip' : 'without flip', result: figures }],
      a,
      b,
      people: identitiesFromPairs(templates.ids.length, a, b, figures.same),
      ...(options.folds !== undefined && { folds: options.folds, set: media }),
      of,
      facts,
    })
  }
  if (identified) {
    const { result, search, probeRows, galleryRows } = identified
    await writeSearchReport({
      folder: join(folder, '1-n'),
      title: `Templates of ${media}, 1:N`,
      result,
      search,
      probe: (probe) => of(probeRows[probe]!),
      row: (row) => of(galleryRows[row]!),
      facts,
    })
  }
}

/** The first image of each template, by its row. */
function firstImages(
  { names, templates: ids }: TemplateMediaList,
  templates: Templates,
  folder: string,
): (row: number) => Named {
  const first = new Map<number, string>()
  names.forEach((name, i) => {
    if (!first.has(ids[i]!)) first.set(ids[i]!, name)
  })
  return (row) => {
    const id = templates.ids[row]!
    const name = first.get(id)!
    return { name: `template ${id} (${name})`, image: join(folder, name) }
  }
}
