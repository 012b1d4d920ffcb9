import { readFileSync } from 'node:fs'
import { Recognizer, type RecognizerOptions, readPhoto } from '@arcface/recognize'
import type { SiteOptions } from '@arcface/testing/chromium'
import { cosine, type EmbeddedFace } from '@arcface/vision'
import type { Browser } from 'playwright-core'
import { roomPage } from './pages.js'

/** The same models for both worlds. */
export interface GoldenModels {
  readonly node: RecognizerOptions
  /** Options of a page's `Recognizer.open`, as JSON has them. */
  readonly page: object
  /** What lies beside the page for that. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
}

/** What one world makes of photographs. */
export interface Seen {
  /** By its own decoder. */
  readonly files: EmbeddedFace[][]
  /** Of the pixels that Node decodes. */
  readonly pixels: EmbeddedFace[][]
  /** Of each photograph and the next one: whether they show the same person, or the code of why that is not said. */
  readonly verdicts: unknown[]
}

/** Nothing is rejected: whatever is found is compared. */
const OPENING = { quality: false } as const
/** Not the models' own, which they may lack. */
const VERDICT = { threshold: 0.3 }

/** @param photos paths of image files */
export async function seeInNode(
  { node }: Pick<GoldenModels, 'node'>,
  photos: readonly string[],
): Promise<Seen> {
  const recognizer = await Recognizer.open({ ...node, ...OPENING })
  try {
    const seen: Seen = { files: [], pixels: [], verdicts: [] }
    for (const [i, path] of photos.entries()) {
      seen.files.push(await recognizer.embed(path))
      seen.pixels.push(await recognizer.embed(await readPhoto(path)))
      const next = photos[(i + 1) % photos.length]!
      const verdict = recognizer.verify(path, next, VERDICT)
      seen.verdicts.push(await verdict.then(({ same }) => same).catch(({ code }) => code))
    }
    return seen
  } finally {
    await recognizer.close()
  }
}

/** @param photos paths of image files */
export async function seeInPage(
  browser: Browser,
  { page: given, files: beside }: Omit<GoldenModels, 'node'>,
  photos: readonly string[],
  site: SiteOptions = {},
): Promise<Seen> {
  const files = { ...beside }
  const sizes: { width: number; height: number }[] = []
  for (const [i, path] of photos.entries()) {
    const { width, height, pixels } = await readPhoto(path)
    files[`${i}.file`] = readFileSync(path)
    files[`${i}.rgb`] = pixels
    sizes.push({ width, height })
  }
  const { page, troubles } = await roomPage(browser, { ...site, files })
  const seen = await page.evaluate(`(async () => {
    const recognizer = await arcface.Recognizer.open(${JSON.stringify({ ...given, ...OPENING })})
    const fetched = async (name) => (await fetch(name)).blob()
    const plain = (faces) => faces.map((face) => ({ ...face, embedding: [...face.embedding] }))
    const sizes = ${JSON.stringify(sizes)}
    const seen = { files: [], pixels: [], verdicts: [] }
    for (const [i, size] of sizes.entries()) {
      const file = await fetched(i + '.file')
      const pixels = new Uint8Array(await (await fetched(i + '.rgb')).arrayBuffer())
      seen.files.push(plain(await recognizer.embed(file)))
      seen.pixels.push(plain(await recognizer.embed({ ...size, pixels })))
      const next = await fetched(((i + 1) % sizes.length) + '.file')
      const verdict = recognizer.verify(file, next, ${JSON.stringify(VERDICT)})
      seen.verdicts.push(await verdict.then(({ same }) => same).catch(({ code }) => code))
    }
    await recognizer.close()
    return seen
  })()`)
  await page.close()
  if (troubles.length > 0) throw new Error(troubles.join('\n'))
  return seen as Seen
}

/** How far the faces of photographs are apart at most, in pixels of the photograph and 1 - cosine; NaN where others were found. */
export function distance(a: readonly EmbeddedFace[][], b: readonly EmbeddedFace[][]) {
  const off = { box: 0, points: 0, cosine: 0 }
  for (const [i, faces] of a.entries()) {
    if (faces.length !== b[i]?.length)
      return { box: Number.NaN, points: Number.NaN, cosine: Number.NaN }
    for (const [f, one] of faces.entries()) {
      const other = b[i]![f]!
      for (const key of ['x', 'y', 'width', 'height'] as const)
        off.box = Math.max(off.box, Math.abs(one.box[key] - other.box[key]))
      for (const [p, { x, y }] of one.points.entries())
        off.points = Math.max(
          off.points,
          Math.hypot(x - other.points[p]!.x, y - other.points[p]!.y),
        )
      const [u, v] = [one, other].map(({ embedding }) => Float32Array.from(embedding))
      off.cosine = Math.max(off.cosine, 1 - cosine(u!, v!))
    }
  }
  return off
}
