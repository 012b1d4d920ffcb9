import { imageName, type Sample } from '@arcface/data'
import type { Identification } from '../identification.js'
import { factsOf, type Provenance } from './facts.js'
import { writeSearchReport } from './search.js'
import type { ReportEvents } from './write.js'

/** Folders as they were given, by what they are. */
export interface IdentificationFolders {
  readonly images?: string | undefined
  readonly gallery?: string | undefined
  readonly probes?: string | undefined
  readonly distractors?: readonly string[] | undefined
}

/** Writes the report of an identification, or of MegaFace, into a folder. @throws FilesError, DataError */
export async function reportIdentification(
  folder: string,
  { result, search, ...sets }: Identification,
  { images, gallery, probes, distractors }: IdentificationFolders,
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  const rows = sets.rows.flatMap(({ samples }) => samples)
  const named = (image: Sample) => ({ name: imageName(image), image })
  const facts = await factsOf(provenance, {
    data: { images, gallery, probes, distractors: distractors?.join(', ') },
    images: [...sets.probes.samples, ...rows],
    lists: [sets.probes, ...sets.rows].map((set) =>
      Int32Array.from(set.samples, ({ label }) => label),
    ),
  })
  const report = {
    title: `${result.protocol === 'megaface' ? 'MegaFace' : 'Identification'} on ${images ?? probes}`,
    result,
    search,
    probe: (probe: number) => named(sets.probes.samples[probe]!),
    row: (row: number) => named(rows[row]!),
    facts,
    command: provenance.command,
  }
  await writeSearchReport(folder, report, events)
}
