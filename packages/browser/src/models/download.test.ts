import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { chromium } from '@arcface/testing/chromium'
import { describe, expect, it } from 'vitest'
import { type Loaded, load, modelBytes, sha } from '../testing/models.js'
import { detector, embedder, files, installed } from '../testing/pack.js'
import { useVisits } from '../testing/visits.js'

describe.skipIf(!chromium)('downloads, in Chromium', () => {
  const at = useVisits()

  it('tells how far each file is, not more often than a person sees, and at last that it is there', async () => {
    const large = modelBytes(5, 2_000_000)
    await at.serve({ ...installed, 'pack/large.onnx': large })
    const of = "{ detector: 'pack/d.onnx', embedder: 'pack/large.onnx' }"
    const page = await at.visited()
    const { told } = await load(page, of)
    const own = told.filter(({ file }) => file === 'large.onnx')
    expect(own[0]).toEqual({ file: 'large.onnx', loaded: 0, total: large.length, cached: false })
    expect(own.at(-1)).toMatchObject({ loaded: large.length, total: large.length, cached: false })
    const loaded = own.map((one) => one.loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    const again = await load(page, of)
    expect(again.told.filter(({ file }) => file === 'd.onnx')).toEqual([
      { file: 'd.onnx', loaded: 0, total: 40_000, cached: false },
      { file: 'd.onnx', loaded: 40_000, total: 40_000, cached: false },
    ])
  })

  it('knows the total of what was packed on its way from the pack, and else of none', async () => {
    await at.serve(installed)
    const zipped = (bytes: Buffer) => (response: ServerResponse) => {
      const body = gzipSync(bytes)
      response
        .writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length })
        .end(body)
    }
    at.site.answers = { 'pack/e.onnx': zipped(embedder), 'pack/x.onnx': zipped(modelBytes(7)) }
    const page = await at.visited()
    const totals = ({ told }: Loaded, name: string) =>
      told.filter(({ file }) => file === name).map(({ total }) => total)
    expect(totals(await load(page, "'pack/'"), 'e.onnx')).toEqual([40_000, 40_000])
    const alone = await load(page, "{ detector: 'pack/d.onnx', embedder: 'pack/x.onnx' }")
    expect(alone.embedder.sha256).toBe(sha('sha256', modelBytes(7)))
    expect(totals(alone, 'x.onnx')).toEqual([undefined, 40_000])
  })

  it('downloads once for several tabs', async () => {
    await at.serve(installed)
    const slow = (bytes: Buffer) => (response: ServerResponse) =>
      void setTimeout(() => response.writeHead(200).end(bytes), 300)
    at.site.answers = { 'pack/e.onnx': slow(embedder), 'pack/d.onnx': slow(detector) }
    const pages = [await at.visited(), await at.visited(), await at.visited()]
    const found = await Promise.all(pages.map((page) => load(page, "'pack/'")))
    for (const one of found)
      expect(one).toMatchObject({ embedder: { sha256: sha('sha256', embedder) } })
    const models = at.site.asked.filter((path) => path.endsWith('.onnx'))
    expect(models.sort()).toEqual(['pack/d.onnx', 'pack/e.onnx', 'pack/l.onnx'])
  })

  it('ends with its signal, and with one file that fails the others end', async () => {
    await at.serve(installed)
    let closed = 0
    let begun = () => {}
    const hanging = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 40_000 }).write(embedder.subarray(0, 100))
      response.on('close', () => closed++)
      begun()
    }
    at.site.answers = { 'pack/e.onnx': hanging }
    const page = await at.visited()
    await page.evaluate('globalThis.abort = new AbortController()')
    begun = () => void page.evaluate("abort.abort(new RangeError('enough'))")
    expect((await load(page, "'pack/', { signal: abort.signal }")).error).toMatchObject({
      name: 'RangeError',
      message: 'enough',
    })
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(1)
    const both = new Promise<void>((resolve) => {
      begun = resolve
    })
    at.site.answers['pack/l.onnx'] = (response) =>
      void both.then(() => response.writeHead(500).end())
    expect((await load(page, "'pack/', { cache: false }")).error?.message).toMatch(/l\.onnx.*500/)
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(2)
    // The next call finds nothing in its way.
    at.site.answers = {}
    expect(await load(page, "'pack/'")).toMatchObject({ name: 'mine' })
  })

  const PAGE = '<!doctype html><title>An app</title>'
  const answers: [what: string, (response: ServerResponse) => void, RegExp, RegExp][] = [
    ['a missing file', (response) => response.writeHead(404).end(), /404 Not Found/, /there/],
    ['a server in trouble', (response) => response.writeHead(503).end(), /503/, /server/],
    [
      'a page in its place',
      (response) => response.writeHead(200).end(PAGE),
      /no ONNX file.*page/,
      /there/,
    ],
    [
      'a connection that breaks',
      (response) => {
        response.writeHead(200, { 'content-length': 40_000 })
        response.write(embedder.subarray(0, 10_000), () => response.destroy())
      },
      /cut short after \d+ bytes/,
      /./,
    ],
    [
      'a file that is too large',
      (response) => response.writeHead(200, { 'content-length': 2 ** 31 }).write(embedder),
      /larger than/,
      /right file/,
    ],
  ]

  it.each(answers)('%s is told, with what to do', async (_, answer, message, hint) => {
    await at.serve(installed)
    at.site.answers = { 'pack/e.onnx': answer }
    const page = await at.visited()
    const address = `${at.site.url}pack/e.onnx`
    const { error } = await load(page, `{ detector: 'pack/', embedder: 'pack/e.onnx?key=secret' }`)
    expect(error).toMatchObject({ code: 'BROWSER_DOWNLOAD' })
    expect(error!.message.startsWith(address)).toBe(true)
    expect(error!.message).not.toContain('secret')
    expect(error!.message).toMatch(message)
    expect(error!.hint).toMatch(hint)
  })

  it('takes from another origin what it allows, though it was packed into more bytes on its way', async () => {
    const random = randomBytes(40_000)
    random[0] = 8
    const other = await at.serve({ 'e.onnx': random }, { 'access-control-allow-origin': '*' })
    other.answers = {
      'e.onnx': (response) => {
        const body = gzipSync(random)
        response
          .writeHead(200, {
            'access-control-allow-origin': '*',
            'content-encoding': 'gzip',
            'content-length': body.length,
          })
          .end(body)
      },
    }
    await at.serve(installed)
    const models = `{ detector: 'pack/', embedder: { from: '${other.url}e.onnx', sha256: '${sha('sha256', random)}' } }`
    expect((await load(await at.visited(), models)).embedder).toEqual({
      name: 'e.onnx',
      sha256: sha('sha256', random),
    })
  })

  it('tells another origin that forbids reading from one that is not there', async () => {
    const other = await at.serve(files)
    await at.serve(installed)
    const page = await at.visited()
    const of = `{ detector: 'pack/', embedder: '${other.url}pack/e.onnx' }`
    expect((await load(page, of)).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      message: expect.stringContaining('CORS'),
      hint: expect.stringContaining(`Access-Control-Allow-Origin: ${new URL(at.site.url).origin}`),
    })
    await other.close()
    expect((await load(page, of)).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      message: expect.stringContaining('no answer comes'),
      hint: expect.stringContaining('connect-src'),
    })
  })
})
