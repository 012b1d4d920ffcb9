import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { build, type Plugin, type Rollup } from 'vite'
import { describe, expect, it } from 'vitest'
import { buildPage } from './chromium/index.js'

// What of the house runs anywhere is built as a page's bundler builds it, and run where nothing of Node is.

const root = resolve(import.meta.dirname, '../../..')
const require = createRequire(join(root, 'package.json'))

/** One script of `text`, and the modules that it is made of. */
async function bundled(text: string): Promise<{ code: string; modules: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'browser-'))
  const entry = join(folder, 'main.js')
  // The rooms are found from the repository, wherever the page lies.
  writeFileSync(
    entry,
    text.replace(/'(@arcface\/[^']+)'/g, (_, room: string) =>
      JSON.stringify(resolveForBrowser(room)),
    ),
  )
  const result = (await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    // As a page's build does, and a library's leaves to it: ECharts asks for it.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['iife'], name: 'page' },
    },
  })) as Rollup.RollupOutput[]
  const [chunk] = result.flatMap(({ output }) => output).filter((one) => one.type === 'chunk')
  return { code: chunk!.code, modules: Object.keys(chunk!.modules) }
}

const resolveForBrowser = (room: string) => require.resolve(room)

/** What a worker of a page has, as far as the rooms use it: no `process`, no `Buffer`, no `require`. */
const page = () => ({ TextDecoder, TextEncoder, URL, console, performance, structuredClone })

/** Vite puts an empty module in the place of Node's own. */
const OF_NODE = /__vite-browser-external|^node:/

describe('in a browser', () => {
  it.each([
    ['@arcface/onnx', 'decodeModel'],
    ['@arcface/vision', 'Detector'],
    ['@arcface/evaluate', 'verification'],
    ['@arcface/evaluate/report', 'verificationReport'],
  ])('%s is built without a module of Node', async (room, name) => {
    const { code, modules } = await bundled(`import * as all from '${room}'\nexport default all`)
    expect(modules.length).toBeGreaterThan(3)
    expect(modules.filter((one) => OF_NODE.test(one))).toEqual([])
    expect(code).not.toMatch(/\brequire\(/)
    const kind = runInNewContext(`${code}\ntypeof page.${name}`, page())
    expect(kind).toBe('function')
  })

  it('@arcface/browser is built without one, and so is its worker', async () => {
    const modules = new Set<string>()
    const ofPage: string[] = []
    const keep: Plugin = {
      name: 'keep',
      generateBundle(_, bundle) {
        for (const chunk of Object.values(bundle))
          if (chunk.type === 'chunk')
            for (const [id, { renderedLength }] of Object.entries(chunk.modules))
              if (renderedLength > 0) ofPage.push(id)
      },
    }
    const collect: Plugin = {
      name: 'collect',
      moduleParsed: ({ id }) => void modules.add(id),
    }
    await buildPage(
      { 'main.js': "import * as all from '@arcface/browser'\nglobalThis.all = all" },
      { plugins: [collect, keep], worker: { plugins: () => [collect] } },
    )
    const rooms = [...modules].map((id) => /packages\/(\w+)\/dist\//.exec(id)?.[1])
    expect(new Set(rooms.filter(Boolean))).toEqual(new Set(['onnx', 'vision', 'browser']))
    expect([...modules].filter((id) => OF_NODE.test(id))).toEqual([])
    // The page only asks: schemas and models are looked at in the worker.
    expect(ofPage.filter((id) => /\/dist\/recognizer\/recognizer\.js$/.test(id))).toHaveLength(1)
    expect(ofPage.filter((id) => /node_modules\/(zod|@bufbuild)\//.test(id))).toEqual([])
  })

  it('a page may also be rendered where there is no browser: importing does nothing', async () => {
    // By Node, which has neither `window` nor `document`.
    expect(Object.keys(await import(resolveForBrowser('@arcface/browser')))).toContain('Recognizer')
  })

  it('a face is aligned, judged, compared and measured', async () => {
    const { code } = await bundled(`
      import { alignFace, cosine, HeldFaces, TEMPLATE } from '@arcface/vision'
      import { areaUnderRoc, scoresOf } from '@arcface/evaluate'
      const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => (i * 7919) % 256)
      const aligned = alignFace({ width: 112, height: 112, pixels }, TEMPLATE)
      const held = new HeldFaces(2)
      held.add(1, { id: 'f', person: 'p', source: null }, Float32Array.of(0, 1))
      export default {
        // The template's own points: every pixel stays.
        same: aligned.every((value, i) => value === pixels[i]),
        cosine: cosine(Float32Array.of(3, 4), Float32Array.of(4, 3)),
        held: held.size,
        area: areaUnderRoc(scoresOf(Float64Array.of(0.9, 0.4, 0.6, 0.1), Uint8Array.of(1, 1, 0, 0))),
      }`)
    const found = runInNewContext(`${code}\nJSON.stringify(page)`, page())
    const { same, cosine, held, area } = JSON.parse(found)
    // Of the four couples of a genuine and an impostor score three are in order.
    expect([same, held, area]).toEqual([true, 1, 0.75])
    expect(cosine).toBeCloseTo(24 / 25, 6)
  })
})
