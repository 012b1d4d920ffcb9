import { dirname } from 'node:path'
import type { Calibration } from '@arcface/onnx'
import type { InstalledPack, Pack } from '@arcface/recognize'
import type { Command } from 'commander'
import { standsInWords } from '../model/liveness.js'
import {
  addPreprocessing,
  type PreprocessingOptions,
  preprocessingOf,
} from '../model/preprocessing.js'
import { endInterrupted, interruptible } from '../terminal/interrupt.js'
import { printable, writeErr, writeOut } from '../terminal/printable.js'
import { bar, Display } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { lines } from '../terminal/table.js'
import { countedPeople, megabytes } from '../terminal/words.js'

export function register(program: Command): void {
  const models = program
    .command('models')
    .description('Model packs: list, install, describe')
    .addHelpText('after', '\nExample:\n  $ arcface models pull')
  models
    .command('list')
    .description('The packs that are known, and which are installed')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ arcface models list')
    .action(list)
  models
    .command('pull')
    .description('Install a pack in the cache (ARCFACE_CACHE, default ~/.cache/arcface)')
    .argument('[pack]', 'a name of the list, or a .json that describes a pack of your own')
    .option('--accept-licence', 'for packs that may not be used commercially')
    .option('--allow-unverified', 'take files of which no checksum is known as they come')
    .option(
      '--from <file>',
      'a download of the pack that you brought by other means (once for each)',
      repeated,
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nProxies (HTTPS_PROXY, NO_PROXY) and what .npmrc says of proxy, registry and token are heeded. What is installed\nis checked, and brought again where it is damaged. Interrupted, the same command goes on.\n\nExamples:\n  $ arcface models pull\n  $ arcface models pull buffalo_l --accept-licence\n  $ arcface models pull faceplugin --from faceplugin-face-recognition-js-0.0.1.tgz',
    )
    .action(pull)
  const own = models
    .command('add')
    .description('Install an ONNX file of your own as a pack: it then has a name everywhere')
    .argument('<file>', 'the embedder, as "arcface export" wrote it; or one of others')
    .requiredOption('--name <name>', 'what the pack is called from then on')
    .option('--licence <name>', 'what whoever uses the model has to keep to', 'not stated')
    .option('--licence-url <url>', 'where the licence stands (default: the file)')
    .option('--commercial', 'it may be used commercially')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(own)
    .addHelpText(
      'after',
      "\nThe pack has no detector: commands use the default pack's unless --detector names another.\n\nExample:\n  $ arcface models add mine.onnx --name mine --licence MIT --commercial",
    )
    .action(add)
  models
    .command('copy')
    .description('Lay an installed pack into a folder, for a page that uses it (@arcface/browser)')
    .argument('[pack]', 'its name (default: the default pack)')
    .requiredOption('--out <dir>', 'the folder: of the pack alone, beside the page')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      "\nThe page opens the folder: Recognizer.open({ models: 'models/faceplugin/' }).\n\nExample:\n  $ arcface models copy --out public/models/faceplugin",
    )
    .action(copy)
  models
    .command('info')
    .description('Parts, preprocessing, licence, sources and checksums of a pack')
    .argument('<pack>', 'its name')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ arcface models info faceplugin')
    .action(info)
}

const partsOf = ({ detector, landmarks, embedder, liveness }: Pack) => ({
  detector,
  landmarks,
  embedder: embedder?.file ?? null,
  liveness: liveness?.models.map(({ file }) => file) ?? [],
})

async function list({ json }: { json?: boolean }): Promise<void> {
  const { installedPacks, registry } = await import('@arcface/recognize')
  const installed = await installedPacks()
  const own = installed.map(({ pack }) => pack)
  const names = new Set(registry.map(({ name }) => name))
  const all = [...registry, ...own.filter(({ name }) => !names.has(name))].map((pack) => ({
    name: pack.name,
    title: pack.title,
    installed: own.some(({ name }) => name === pack.name),
    licence: pack.licence,
    parts: partsOf(pack),
  }))
  if (json) writeOut(`${JSON.stringify({ packs: all })}\n`)
  else
    for (const { name, title, installed, licence } of all)
      writeOut(
        `${installed ? '*' : ' '} ${printable(name).padEnd(14)}${printable(`${title} (${licence.name})`)}\n`,
      )
}

interface PullOptions {
  acceptLicence?: boolean
  allowUnverified?: boolean
  from?: string[]
  json?: boolean
}

async function pull(given: string | undefined, options: PullOptions): Promise<void> {
  const { DEFAULT_PACK, findPack, pullPack, readPack } = await import('@arcface/recognize')
  const described = given?.endsWith('.json')
  const pack = described ? await readPack(given!) : findPack(given ?? DEFAULT_PACK)
  writeErr(`${printable(`${pack.name}: ${pack.licence.name}, ${pack.licence.url}`)}\n`)
  const display = new Display('bytes')
  const installed = await interruptible(async (signal) => {
    try {
      return await pullPack(pack, {
        ...(options.acceptLicence && { acceptLicence: true }),
        ...(options.allowUnverified && { allowUnverified: true }),
        ...(options.from && { from: options.from }),
        ...(described && { base: dirname(given!) }),
        signal,
        onProgress: (done, total) =>
          display.show(() => downloadLine(done, total), { done, total }, done === total),
      })
    } catch (error) {
      if (!signal.aborted) throw error
      return undefined
    }
  }, 'Interrupted: keeping what has come ...')
  if (!installed) {
    endInterrupted()
    return
  }
  const { folder, files } = installed
  writeOut(
    options.json
      ? `${JSON.stringify({ name: pack.name, folder, files })}\n`
      : `${pack.name} lies in ${folder}\n`,
  )
}

interface AddOptions extends PreprocessingOptions {
  name: string
  licence: string
  licenceUrl?: string
  commercial?: boolean
  json?: boolean
}

async function add(
  file: string,
  { name, licence, licenceUrl, commercial = false, json, ...options }: AddOptions,
): Promise<void> {
  const { ownPack, pullPack } = await import('@arcface/recognize')
  const { describePreprocessing } = await import('@arcface/vision')
  const url = licenceUrl !== undefined && { url: licenceUrl }
  const pack = await ownPack(file, {
    name,
    licence: { name: licence, ...url, commercial },
    preprocessing: preprocessingOf(options),
  })
  const used = pack.embedder?.preprocessing
  if (used) writeErr(`pixels go in as ${describePreprocessing(used)}\n`)
  // Whoever states the licence knows it.
  const { folder, files } = await pullPack(pack, { acceptLicence: true })
  writeOut(json ? `${JSON.stringify({ name, folder, files })}\n` : `${name} lies in ${folder}\n`)
}

async function copy(
  given: string | undefined,
  { out, json }: { out: string; json?: boolean },
): Promise<void> {
  const { copyPack, DEFAULT_PACK, openPack } = await import('@arcface/recognize')
  const name = given ?? DEFAULT_PACK
  const installed = await openPack(name)
  const { licence } = installed.pack
  writeErr(`${printable(`${name}: ${licence.name}, ${licence.url}`)}\n`)
  await copyPack(installed, out)
  const bytes = Object.values(installed.files).reduce((sum, { size }) => sum + size, 0)
  writeOut(
    json
      ? `${JSON.stringify({ name, folder: out, bytes })}\n`
      : `${name} lies in ${out}: ${megabytes(bytes)}\n`,
  )
}

/** The length of a download is not always known. */
const downloadLine = (done: number, total: number | null): string =>
  total === null
    ? megabytes(done)
    : `${bar({ done, total })} ${megabytes(done)} of ${megabytes(total)}`

async function info(name: string, { json }: { json?: boolean }): Promise<void> {
  const { findPack, installedPack } = await import('@arcface/recognize')
  const installed = await installedPack(name)
  const pack = installed?.pack ?? findPack(name)
  writeOut(
    json
      ? `${JSON.stringify({ ...pack, installed: installed?.folder ?? null, installedFiles: installed?.files ?? null })}\n`
      : table(pack, installed),
  )
}

const calibrationRow = ({ method, prior, measured }: Calibration) =>
  [
    'probabilities',
    `${method}, for a prior of ${prior}: Cllr ${measured.cllr.toFixed(4)} bits (at best ${measured.minCllr.toFixed(4)}) on ${countedPeople(measured.people)} of ${measured.source}`,
  ] as const

function table(pack: Pack, installed: InstalledPack | undefined): string {
  const { preprocessing, thresholds } = pack.embedder ?? {}
  const cosines = Object.entries(thresholds?.cosine ?? {})
  return lines([
    ['name', `${pack.name}: ${pack.title}`],
    ['licence', `${pack.licence.name}, ${pack.licence.url}`],
    ['installed', installed?.folder ?? 'no'],
    ...Object.entries(partsOf(pack)).map(
      ([part, files]) => [part, [files ?? []].flat().join(', ') || '-'] as const,
    ),
    ['preprocessing', preprocessing ? JSON.stringify(preprocessing) : '-'],
    ...(thresholds ? [['thresholds of', thresholds.source] as const] : []),
    ...cosines.map(([far, cosine]) => [`threshold at FAR ${far}`, `${cosine}`] as const),
    ...(pack.liveness?.points ?? []).map((point) => ['liveness', standsInWords(point)] as const),
    ...(thresholds?.calibration ? [calibrationRow(thresholds.calibration)] : []),
    ...pack.downloads.flatMap(({ sources, size, checksum, files }) => [
      ...sources.map((source) => ['source', JSON.stringify(source)] as const),
      ['size', size === null ? 'unknown' : megabytes(size)] as const,
      ['checksum', checksum ?? 'unknown'] as const,
      ...files.map((file) => [`  ${file.name}`, file.checksum ?? checksum ?? 'unknown'] as const),
    ]),
  ])
}
