import type { PreprocessingInput, Thresholds } from '@arcface/onnx'
import {
  type LivenessPart,
  type Manifest,
  manifestSchema,
  newestPack,
  type Pack,
  packParser,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { shown } from './address.js'
import type { Wanted } from './bring.js'

/** A pack's parts as files to bring. */
export interface PackParts {
  readonly name: string
  readonly detector?: Wanted | undefined
  readonly landmarks?: Wanted | undefined
  readonly embedder?: Wanted | undefined
  /** Of the embedder. */
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
  /** Networks that tell a living face from a picture of one, in the part's order. */
  readonly liveness?:
    | { readonly part: LivenessPart; readonly models: readonly Wanted[] }
    | undefined
  /** Tells closed eyes from open ones. */
  readonly eyes?: Wanted | undefined
}

const parsePack = packParser(
  (message, cause) => new BrowserError('BROWSER_PACK', message, { cause }),
)

/**
 * The parts of the pack that a `pack.json` describes: as installed, with its files beside it; or the bare description, of
 * which a file may lie beside it too, or be a download of its own.
 * @throws BrowserError BROWSER_PACK
 */
export function packParts(text: string, address: string): PackParts {
  const { pack, files } = readPack(text, shown(address))
  const wantedOf = (file: string) => wantedFile(file, pack, files, address)
  const wanted = (file: string | null | undefined) =>
    file === null || file === undefined ? undefined : wantedOf(file)
  const { liveness } = pack
  return {
    name: pack.name,
    detector: wanted(pack.detector),
    landmarks: wanted(pack.landmarks),
    embedder: wanted(pack.embedder?.file),
    preprocessing: pack.embedder?.preprocessing,
    thresholds: pack.embedder?.thresholds,
    liveness: liveness
      ? { part: liveness, models: liveness.models.map(({ file }) => wantedOf(file)) }
      : undefined,
    // One that was installed before it had them does without.
    eyes: files && !Object.hasOwn(files, pack.eyes ?? '') ? undefined : wanted(pack.eyes),
  }
}

function readPack(text: string, name: string): Pick<Manifest, 'pack'> & Partial<Manifest> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const message = `${name} describes no model pack: no JSON (${messageOf(cause)})`
    throw new BrowserError('BROWSER_PACK', message, { cause })
  }
  const installed = typeof value === 'object' && value !== null && 'pack' in value && value
  const pack = newestPack(parsePack(installed ? installed.pack : value, name))
  if (!installed) return { pack }
  const manifest = manifestSchema.safeParse(value)
  if (manifest.success) return { pack, files: manifest.data.files }
  throw new BrowserError(
    'BROWSER_PACK',
    `${name} describes no model pack: its list of files is not as an installed pack has it`,
    { cause: manifest.error },
  )
}

function wantedFile(
  name: string,
  pack: Pack,
  files: Manifest['files'] | undefined,
  address: string,
): Wanted {
  const beside = new URL(name, address).href
  const missing = `Lay the pack's whole folder there, as \`arcface models copy ${pack.name} --out FOLDER\` makes it.`
  const installed = files?.[name]
  if (installed) {
    const { size, sha512 } = installed
    return {
      kind: 'model',
      name,
      missing,
      size,
      checksum: `sha512:${sha512}`,
      addresses: [beside],
    }
  }
  const from = pack.downloads.find((one) => one.files.some((file) => file.name === name))!
  const file = from.files.find((one) => one.name === name)!
  // What comes in an archive lies beside the description, or nowhere: a page unpacks none.
  const whole = from.format === 'onnx' ? from : undefined
  const urls = whole?.sources.flatMap((one) => (one.kind === 'https' ? [one.url] : [])) ?? []
  return {
    kind: 'model',
    name,
    missing,
    size: file.size ?? whole?.size ?? undefined,
    checksum: file.checksum ?? whole?.checksum ?? undefined,
    addresses: [beside, ...urls],
  }
}
