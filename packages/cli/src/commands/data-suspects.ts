import { join } from 'node:path'
import type { People } from '@arcface/data'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import type { PreprocessingOptions } from '../model/preprocessing.js'
import { printable, warn, writeOut } from '../terminal/printable.js'
import { progress, progressOf } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

interface Options extends PreprocessingOptions {
  out: string
  model?: string
  run?: string
  list?: string
  against?: string
  groups?: string
  json?: boolean
}

/** Findings that are printed; the file has all. */
const PRINTED = 20
/** The paper's, of sub-centers. */
const LIMIT = (75 * Math.PI) / 180

/** `arcface data suspects` */
export async function suspect(roots: string[], options: Options): Promise<void> {
  const { out, run, list, against, json, model = run ?? DEFAULT_MODEL } = options
  const { openFolders } = await import('@arcface/data')
  const { makeFolder } = await import('@arcface/files')
  const { SUSPECT_KINDS } = await import('@arcface/evaluate')
  const { openPeople, suspects, writeSuspects } = await import('@arcface/evaluate/run')
  const set = openFolders(roots, { list })
  set.warnings.forEach(warn)
  const other = against === undefined ? undefined : openPeople(against)
  other?.warnings.forEach(warn)
  const groups = options.groups === undefined ? undefined : await groupsOf(options.groups, set)
  makeFolder(out, 0o700)
  const far = run === undefined ? undefined : await farOfRun(run, out)
  const { onnxMatMul, pairsAbove } = await import('@arcface/recognize')
  const opened = await openModel(model, options)
  try {
    const found = await suspects(set, {
      embed: opened.embed,
      matmul: onnxMatMul(),
      pairsAbove,
      against: other,
      far,
      onProgress: progressOf(),
    })
    const about = { roots, list: list ?? null, model, run: run ?? null, against: against ?? null }
    await writeSuspects(out, about, set, found, groups)
    const { findings } = found
    const counts = Object.fromEntries(
      SUSPECT_KINDS.map((kind) => [kind, findings.filter((one) => one.kind === kind).length]),
    )
    const file = join(out, 'suspects.json')
    const [people, images] = [set.classes.length, set.samples.length]
    if (json) {
      writeOut(`${JSON.stringify({ ...about, people, images, findings: counts, out, file })}\n`)
      return
    }
    writeOut(`${counted(images, 'image')} of ${countedPeople(people)}\n`)
    for (const [kind, count] of Object.entries(counts)) writeOut(`${WORDS[kind]}: ${count}\n`)
    for (const { reason, images } of findings.slice(0, PRINTED))
      writeOut(`  ${printable(images[0]!.path)}: ${printable(reason)}\n`)
    if (findings.length > PRINTED) writeOut(`  and ${findings.length - PRINTED} more\n`)
    writeOut(`all, with pictures to look at: ${printable(file)}\n`)
  } finally {
    await opened.close()
  }
}

const WORDS: Readonly<Record<string, string>> = {
  label: 'wrong labels',
  'copy-of-two': 'pictures under several names',
  'one-person': 'two folders of one person',
  overlap: 'people of the other set',
  'shared-picture': 'pictures of the other set',
  copy: 'pictures of one person that are there several times',
  quality: 'poor images',
  unreadable: 'images that cannot be decoded',
}

/** Before the work begins: a table may be of others. */
async function groupsOf(file: string, { samples }: People) {
  const { imageName } = await import('@arcface/data')
  const { assignGroups, readGroupTable } = await import('@arcface/evaluate/run')
  const { values, warnings } = assignGroups(await readGroupTable(file), samples.map(imageName))
  warnings.forEach(warn)
  return values
}

/** By its sub-centers; what `arcface clean` writes lies in `clean` below. */
async function farOfRun(run: string, out: string) {
  const { cleanRun } = await import('@arcface/train')
  const { makeFolder } = await import('@arcface/files')
  const folder = join(out, 'clean')
  makeFolder(folder, 0o700)
  const onProgress = progress('images')
  return (await cleanRun(run, { limit: LIMIT, out: folder, onProgress })).dropped
}
