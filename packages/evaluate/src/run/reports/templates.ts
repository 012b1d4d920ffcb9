import { join } from 'node:path'
import type { TemplateMediaList } from '@arcface/data'
import type { MeasuredTemplatePairs, MeasuredTemplateSearch } from '../../measures/templates.js'
import type { Templates } from '../../templates/pool.js'
import { identitiesFromPairs } from '../../verification/identities.js'
import type { TemplateFiles } from '../templates.js'
import { factsOf, type Provenance } from './facts.js'
import { writePairReport } from './pairs.js'
import { writeSearchReport } from './search.js'
import type { NamedImage, ReportEvents } from './write.js'

/** What was measured of templates. */
export interface MeasuredTemplates {
  readonly files: TemplateFiles
  readonly list: TemplateMediaList
  readonly templates: Templates
  /** Whether the embeddings of mirror images were added. */
  readonly flip: boolean
  readonly folds?: number | undefined
  readonly verified?: MeasuredTemplatePairs | undefined
  readonly identified?: MeasuredTemplateSearch | undefined
}

/**
 * Writes the report of 1:1 into the folder `1-1`, that of 1:N into `1-n`. A template is shown by its first image.
 * @throws FilesError, DataError
 */
export async function reportTemplates(
  folder: string,
  { files, list, templates, flip, folds, verified, identified }: MeasuredTemplates,
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  const { images, media, pairs, gallery, probes, scores } = files
  const of = firstImages(list, templates, images)
  const facts = await factsOf(provenance, {
    data: { images, media, pairs, gallery, probes, scores },
    images: [...new Set(list.names)].map((name) => join(images, name)),
    lists: [
      list.templates,
      list.media,
      ...(verified ? [verified.a, verified.b, verified.figures.same] : []),
      ...(identified ? [identified.galleryRows, identified.probeRows] : []),
    ],
  })
  const { command } = provenance
  if (verified) {
    const { figures, a, b } = verified
    const report = {
      title: `Templates of ${media}, 1:1`,
      results: [{ name: flip ? 'with flip' : 'without flip', result: figures }] as const,
      a,
      b,
      people: identitiesFromPairs(templates.ids.length, a, b, figures.same),
      ...(folds !== undefined && { folds, set: media }),
      of,
      facts,
      command,
    }
    await writePairReport(join(folder, '1-1'), report, events)
  }
  if (identified) {
    const { result, search, probeRows, galleryRows } = identified
    const report = {
      title: `Templates of ${media}, 1:N`,
      result,
      search,
      probe: (probe: number) => of(probeRows[probe]!),
      row: (row: number) => of(galleryRows[row]!),
      facts,
      command,
    }
    await writeSearchReport(join(folder, '1-n'), report, events)
  }
}

/** The first image of each template, by its row. */
function firstImages(
  { names, templates: ids }: TemplateMediaList,
  templates: Templates,
  folder: string,
): (row: number) => NamedImage {
  const first = new Map<number, string>()
  for (const [i, name] of names.entries()) if (!first.has(ids[i]!)) first.set(ids[i]!, name)
  return (row) => {
    const id = templates.ids[row]!
    const name = first.get(id)!
    return { name: `template ${id} (${name})`, image: join(folder, name) }
  }
}
